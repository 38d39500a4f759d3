import Foundation
import GPT2
import Kernels
import ModelFiles
import Testing

@Suite("Packed models")
struct PackedModelTests {
    private static let tokenCount = 40

    private func tokens(_ fixture: Fixture) throws -> [Int32] {
        Array(try fixture.reference().tokens.prefix(Self.tokenCount))
    }

    private func logits(_ directory: String, _ tokens: [Int32], _ weights: PackedType? = nil) throws -> [[UInt32]] {
        try Pipeline(directory: directory, weights: weights).logits(tokens, chunks: [tokens.count])
    }

    @Test(
        "files give the same bits as packing in memory, in one stage and in two", arguments: Fixture.allCases,
        PackedType.allCases)
    func sameNumbers(fixture: Fixture, type: Kernels.PackedType) throws {
        let packed = try TestModelDirectory(packing: fixture.model, as: type)
        let tokens = try tokens(fixture)
        let stageCounts = 1...min(2, try GPT2Configuration(directory: fixture.model).layerCount)
        for cache in [CacheType.f32, .f16] {
            let memory = try Pipeline(fixture, weights: type, cache: cache)
            let expected = try memory.logits(tokens, chunks: [tokens.count])
            for stageCount in stageCounts {
                // Of two stages the first has no head, and so rounds the embedding row by row.
                let cut = try Pipeline(fixture, stageCount: stageCount, weights: type, cache: cache)
                #expect(try cut.logits(tokens, chunks: [29, 1]) == expected, "in memory, \(cache), \(stageCount)")
                for wanted in [nil, type] {
                    let mapped = try Pipeline(
                        directory: packed.path, stageCount: stageCount, weights: wanted, cache: cache)
                    #expect(mapped.stages.allSatisfy { $0.weightType == type })
                    #expect(try mapped.logits(tokens, chunks: [3, 17]) == expected, "\(cache), \(stageCount) stages")
                }
            }
        }
    }

    @Test("files give the same bits with every instruction set", arguments: PackedType.allCases)
    func instructionSets(type: Kernels.PackedType) throws {
        let packed = try TestModelDirectory(packing: Fixture.demo.model, as: type)
        let tokens = Array(try tokens(.demo).prefix(20))
        let expected = try logits(packed.path, tokens)
        for instructionSet in InstructionSet.supported {
            let pipeline = try Pipeline(directory: packed.path, threadCount: 3, instructionSet: instructionSet)
            #expect(try pipeline.logits(tokens, chunks: [13, 1]) == expected, "\(instructionSet)")
        }
    }

    @Test("f32 is what an unpacked model computes, and every narrower type something else")
    func differences() throws {
        let source = try TestModelDirectory(Fixture.demo.model) { $0 * 1.000_123 }
        let tokens = try tokens(.demo)
        let single = try logits(source.path, tokens)
        var found: Set<[[UInt32]]> = [single]
        for type in PackedType.allCases {
            let packed = try TestModelDirectory(packing: source.path, as: type)
            let bits = try logits(packed.path, tokens)
            #expect((bits == single) == (type == .f32), "\(type)")
            found.insert(bits)
        }
        #expect(found.count == PackedType.allCases.count)
    }

    @Test(
        "f16 and bf16 are f32 arithmetic on rounded weights, embedding included",
        arguments: [Fixture.demo, .fiveHeadsErf, .untiedOldNames], [PackedType.f16, .bf16])
    func rounding(fixture: Fixture, type: Kernels.PackedType) throws {
        // Weights that neither type has.
        let source = try TestModelDirectory(fixture.model) { $0 * 1.000_123 }
        let rounded = try TestModelDirectory(source.path) { type == .f16 ? Float(Float16($0)) : $0.roundedToBF16 }
        let tokens = try tokens(fixture)
        let expected = try logits(rounded.path, tokens, .f32)
        let packed = try TestModelDirectory(packing: source.path, as: type)
        #expect(try logits(packed.path, tokens) == expected)
        #expect(try logits(source.path, tokens, .f32) != expected)
    }

    @Test("digests come from the files' metadata, without the weights", arguments: [Fixture.demo, .untiedOldNames])
    func digests(fixture: Fixture) throws {
        let source = try LocalModel(directory: fixture.model)
        let directory = try TestModelDirectory(packing: fixture.model, as: .int8)
        let model = try LocalModel(directory: directory.path)
        #expect(model.packedType == .int8 && source.packedType == nil)
        let groups = model.groups(of: 0..<model.configuration.layerCount)
        let identity = try model.identity { _, _ in }
        #expect(identity.groups.map(\.digest) == groups.map { model.knownDigest(of: $0) })
        #expect(Set(identity.groups.map(\.digest)).count == groups.count)
        // The model is the one that was packed.
        #expect(try identity.digest == source.identity { _, _ in }.digest)
        // Nothing is kept beside the model, for nothing was read.
        let files = try directory.names()
        #expect(files.count == groups.count + 2)
        #expect(!files.contains("paceline-digests.json"))

        var steps: [Int] = []
        try model.verify { done, total in
            steps.append(done)
            #expect(total == groups.count)
        }
        #expect(steps == Array(0...groups.count))
    }

    @Test("packing twice gives the same files, on any number of threads")
    func reproducible() throws {
        let (first, second) = (
            try TestModelDirectory(packing: Fixture.demo.model, as: .int8),
            try TestModelDirectory(packing: Fixture.demo.model, as: .int8)
        )
        let backend = try Backend(threadCount: 5)
        try PackedModel(try LocalModel(directory: Fixture.demo.model), type: .int8).write(
            to: second.path, backend: backend
        ) {
            _, _ in
        }
        for name in try first.names() { #expect(try first.read(name) == second.read(name), "\(name)") }
    }

    @Test("a byte that flipped is found by verifying, which names the file")
    func damage() throws {
        let directory = try TestModelDirectory(packing: Fixture.demo.model, as: .int8)
        let name = "model-layer-3.safetensors"
        var bytes = try directory.read(name)
        bytes[bytes.count / 2] ^= 1
        try directory.write(bytes, to: name)
        let model = try LocalModel(directory: directory.path)
        let error = #expect(throws: ModelFileError.self) { try model.verify { _, _ in } }
        #expect(
            error?.description == "\(directory.file(name)): metadata: paceline.sha256 is not that of the weights: the "
                + "file is damaged")
    }

    @Test("another type than the packed one is refused, and packing what is packed")
    func refused() throws {
        let directory = try TestModelDirectory(packing: Fixture.oneHead.model, as: .int8)
        for type in PackedType.allCases where type != .int8 {
            #expect(throws: GPT2Error.weights(.packedType(.int8, wanted: type, directory: directory.path))) {
                try Pipeline(directory: directory.path, weights: type)
            }
        }
        #expect(throws: ModelFileError.packed(directory: directory.path)) {
            try PackedModel(try LocalModel(directory: directory.path), type: .int8)
        }
    }
}

extension Float {
    /// The nearest number with the upper half of the bits only, ties to even.
    fileprivate var roundedToBF16: Float {
        Float(bitPattern: (bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)) & 0xFFFF_0000)
    }
}
