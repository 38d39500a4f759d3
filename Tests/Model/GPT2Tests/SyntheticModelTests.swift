import Foundation
import GPT2
import Kernels
import ModelFiles
import TestSupport
import Testing

@Suite("Models of random weights")
struct SyntheticModelTests {
    private static let shape = GPT2Configuration(
        layerCount: 3, width: 96, headCount: 3, contextLength: 512, vocabularySize: 1000)

    /// Writes a model into a directory of its own and hands it over.
    private func withModel<Result>(
        _ configuration: GPT2Configuration = shape, type: SyntheticModel.StoredType = .f32, seed: UInt64 = 1,
        threads: Int = 2, _ body: (LocalModel) throws -> Result
    ) throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: "synthetic-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let model = SyntheticModel(configuration: configuration, type: type, seed: seed)
        let path = directory.path(percentEncoded: false)
        var steps: [Int] = []
        try model.write(to: path, team: ThreadTeam(threadCount: threads)) { done, total in
            steps.append(done)
            #expect(total == model.byteCount)
        }
        #expect(steps == steps.sorted() && steps.last == model.byteCount)
        return try body(try LocalModel(directory: path))
    }

    private func digest(type: SyntheticModel.StoredType = .f16, seed: UInt64, threads: Int = 2) throws -> Digest {
        try withModel(type: type, seed: seed, threads: threads) { try $0.identity { _, _ in }.digest }
    }

    private func values(_ model: LocalModel, _ name: String, _ type: WeightType = .f32) throws -> [Float] {
        let checkpoint = try Checkpoint(directory: model.directory)
        let tensor = try #require(checkpoint.tensor(name))
        let matrix = try checkpoint.withBytes(of: tensor) {
            try Matrix($0, type: type, rows: 1, columns: tensor.elementCount)
        }
        return matrix.row(0)
    }

    @Test("sizes have the numbers of parameters that they are known for")
    func sizes() {
        let counts = GPT2Size.allCases.map { size in
            let configuration = GPT2Configuration(
                layerCount: size.layerCount, width: size.width, headCount: size.headCount)
            return SyntheticModel(configuration: configuration, type: .f16, seed: 0).parameterCount
        }
        #expect(counts == [124_439_808, 354_823_168, 774_030_080, 1_557_611_200])
        #expect(GPT2Size.allCases.map(\.headCount) == [12, 16, 20, 25])
    }

    @Test("the catalog of tensors is what roles and files say", arguments: Fixture.allCases)
    func catalog(fixture: Fixture) throws {
        let model = try LocalModel(directory: fixture.model)
        let tied = fixture != .untiedOldNames
        let roles = try model.checkTensors().map(\.role)
        #expect(Set(roles).count == roles.count)
        #expect(Set(roles) == Set(model.groups.flatMap { $0.roles(tied: tied) }))
    }

    @Test("a model comes back with its configuration, and can be computed")
    func computes() throws {
        let backend = try Backend(threadCount: 2)
        for type in SyntheticModel.StoredType.allCases {
            try withModel(type: type) { model in
                #expect(model.configuration == Self.shape)
                #expect(try model.checkTensors().count == 2 + 3 * 12 + 2)
                let stage = try PipelineStage(
                    configuration: model.configuration, files: model.weights, layers: 0..<3, blockCount: 1,
                    backend: backend)
                let slice = SequenceSlice(start: 0, tokens: [1, 2, 999], blockTable: [0])
                let activations = try stage.forward([slice], copies: [], activations: nil)
                #expect(VectorMath.allFinite(try stage.logits(rows: [2], of: activations).row(0).span))
            }
        }
    }

    @Test("the same seed gives the same bytes on any number of threads; another seed or type gives others")
    func seeds() throws {
        let first = try digest(seed: 1)
        #expect(try digest(seed: 1, threads: 1) == first)
        #expect(try digest(seed: 1, threads: 5) == first)
        let others = try [digest(seed: 0), digest(seed: 2), digest(seed: .max), digest(type: .bf16, seed: 1)]
        #expect(Set(others + [first]).count == 5)
    }

    @Test("the numbers are those of the seed for ever, and right to f32's precision")
    func known() throws {
        try withModel(seed: 7) { model in
            // SplitMix64 and the inverse of the distribution in double precision.
            let expected: [Float] = [-0.012_733_212_0, 0.020_637_143_4, -0.001_480_355_76, 0.002_937_535_90]
            for (value, expected) in zip(try values(model, "wte.weight"), expected) {
                #expect(abs(value / expected - 1) < 1e-6)
            }
            let roles = TensorGroup.embedding.roles(tied: true) + TensorGroup.layer(2).roles(tied: true)
            let digest = try Checkpoint(directory: model.directory).digest(of: roles.map(model.weights.name))
                .description
            #expect(digest == "b9efa87e9c84473148bf80e682796566a1a59b6ed179ea33594e202c412aada3")
        }
    }

    @Test("weights have the mean, deviation and tails of GPT-2's first distribution")
    func distribution() throws {
        try withModel { model in
            let residual = Float(0.02) / Float(6).squareRoot()
            for (name, deviation) in [
                ("wte.weight", 0.02), ("wpe.weight", 0.01), ("h.0.attn.c_attn.weight", 0.02),
                ("h.1.attn.c_proj.weight", residual), ("h.2.mlp.c_fc.weight", 0.02),
                ("h.2.mlp.c_proj.weight", residual),
            ] {
                let values = try values(model, name).map { Double($0 / deviation) }
                let count = Double(values.count)
                func moment(_ power: Int) -> Double {
                    values.reduce(0) { $0 + pow($1, Double(power)) } / count
                }
                // Five standard errors of each moment of a standard normal distribution.
                #expect(abs(moment(1)) < 5 / count.squareRoot(), "\(name)")
                #expect(abs(moment(2) - 1) < 5 * (2 / count).squareRoot(), "\(name)")
                #expect(abs(moment(3)) < 5 * (15 / count).squareRoot(), "\(name)")
                #expect(abs(moment(4) - 3) < 5 * (96 / count).squareRoot(), "\(name)")
                let beyondTwo = Double(values.count { abs($0) > 2 }) / count
                #expect(abs(beyondTwo - 0.0455) < 5 * (0.0455 / count).squareRoot(), "\(name)")
                #expect(values.allSatisfy { abs($0) < 6.4 })
            }
            for name in ["ln_f.weight", "h.0.ln_1.weight", "h.2.ln_2.weight"] {
                #expect(try values(model, name).allSatisfy { $0 == 1 })
            }
            for name in ["ln_f.bias", "h.0.ln_1.bias", "h.1.attn.c_attn.bias", "h.2.mlp.c_proj.bias"] {
                #expect(try values(model, name).allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("neighbours, rows, tensors and seeds are not correlated")
    func independence() throws {
        func correlation(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
            var (product, squaresA, squaresB, count) = (0.0, 0.0, 0.0, 0.0)
            for (x, y) in zip(a, b) {
                product += Double(x * y)
                squaresA += Double(x * x)
                squaresB += Double(y * y)
                count += 1
            }
            return product / (squaresA * squaresB).squareRoot() * count.squareRoot()
        }
        let other = try withModel(seed: 2) { try values($0, "wte.weight") }
        try withModel(seed: 1) { model in
            let embedding = try values(model, "wte.weight")
            for distance in [1, 2, 96, 1 << 16] {
                #expect(abs(correlation(embedding, embedding.dropFirst(distance))) < 5, "\(distance)")
            }
            #expect(abs(correlation(embedding, other)) < 5)
            let layers = try (0..<2).map { try values(model, "h.\($0).mlp.c_fc.weight") }
            #expect(abs(correlation(layers[0], layers[1])) < 5)
        }
    }

    @Test("narrow types hold the f32 values rounded to the nearest")
    func rounding() throws {
        let exact = try withModel { try values($0, "h.1.mlp.c_fc.weight") }
        let half = try withModel(type: .f16) { try values($0, "h.1.mlp.c_fc.weight", .f16) }
        #expect(half == exact.map { Float(Float16($0)) })
        let brain = try withModel(type: .bf16) { try values($0, "h.1.mlp.c_fc.weight", .bf16) }
        for (value, rounded) in zip(exact, brain) {
            #expect(abs(value - rounded) <= abs(value).ulp * 0x1p15)
        }
    }

    @Test("what the progress throws ends the writing, and leaves no model")
    func cancelled() throws {
        struct Stop: Error {}
        let directory = FileManager.default.temporaryDirectory.appending(path: "synthetic-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.path(percentEncoded: false)
        let model = SyntheticModel(configuration: Self.shape, type: .f16, seed: 0)
        #expect(throws: Stop.self) {
            try model.write(to: path, team: ThreadTeam(threadCount: 1)) { _, _ in throw Stop() }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
    }
}
