import Foundation
import GPT2
import ModelFiles
import Testing

/// Whose pages count as a process's memory: its layers', and nothing else's.
@Suite("Memory of stages", .serialized)
final class StageMemoryTests {
    private let directory: URL
    private let source: LocalModel
    private let backend: Backend
    /// Pages at the edges of tensors, and what the kernel maps of the neighbourhood of a touched page.
    private static let edges = 1 << 18

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "paceline-\(UUID().uuidString)")
        let path = directory.appending(path: "source").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let configuration = GPT2Configuration(
            layerCount: 4, width: 256, headCount: 4, contextLength: 64, vocabularySize: 20_000)
        backend = try Backend(threadCount: 2)
        try SyntheticModel(configuration: configuration, type: .f16, seed: 5).write(to: path, team: backend.team) {
            _, _ in
        }
        source = try LocalModel(directory: path)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private func pack(_ type: PackedType) throws -> LocalModel {
        let path = directory.appending(path: type.rawValue).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try PackedModel(source, type: type).write(to: path, backend: backend) { _, _ in }
        try FileManager.default.copyItem(
            atPath: source.directory + "/config.json", toPath: path + "/config.json")
        return try LocalModel(directory: path)
    }

    private func stage(_ model: LocalModel, _ layers: Range<Int>, _ type: PackedType) throws -> PipelineStage {
        try PipelineStage(
            configuration: model.configuration, files: model.weights, layers: layers, blockCount: 8,
            weights: type, backend: backend)
    }

    @Test("a stage that packs keeps no page of its source, and a first one those of the tokens that occur")
    func packing() throws {
        for type in PackedType.allCases {
            let middle = try stage(source, 1..<3, type)
            #expect(try residentBytes(of: source.weights) <= Self.edges, "\(type)")
            let first = try stage(source, 0..<1, type)
            let slice = SequenceSlice(start: 0, tokens: [1, 19_999, 7, 7], blockTable: [0])
            let activations = try first.forward([slice], activations: nil)
            _ = try middle.forward([slice], activations: activations)
            #expect(try residentBytes(of: source.weights) <= 2 * Self.edges, "\(type)")
        }
    }

    @Test("a stage of a packed model has the pages of its own layers and of no others")
    func mapping() throws {
        let model = try pack(.int8)
        let middle = try stage(model, 1..<3, .int8)
        var own = 0
        for file in model.weights.paths {
            let resident = try residentBytes(ofMap: file)
            if file.hasSuffix("layer-1.safetensors") || file.hasSuffix("layer-2.safetensors") {
                own += resident
            } else {
                #expect(resident == 0, "\(file)")
            }
        }
        #expect(own <= middle.weightBytes + Self.edges)
        try model.verify { _, _ in }
        #expect(try residentBytes(of: model.weights) <= 6 * Self.edges)
        extendLifetime(middle)
    }

    @Test("digests leave no pages")
    func digesting() throws {
        _ = try source.identity { _, _ in }
        #expect(try residentBytes(of: source.weights) <= Self.edges)
    }
}

/// Bytes of a model's maps that are resident in this process.
private func residentBytes(of weights: ModelWeights) throws -> Int {
    try weights.paths.reduce(0) { $0 + (try residentBytes(ofMap: $1)) }
}

/// The same of one file; as the kernel counts it.
private func residentBytes(ofMap path: String) throws -> Int {
    let smaps = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/smaps"))
    var text: [UInt8] = []
    // Piece by piece: the file says of itself that it is empty, which misleads readers of whole files.
    while let piece = try smaps.read(upToCount: 1 << 16), !piece.isEmpty { text += piece }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    var sum = 0
    var isInside = false
    for line in lines {
        // Fields have a colon behind their name, and a map's own line has one in the middle of a word.
        if let name = line.split(separator: " ").first, !name.hasSuffix(":") { isInside = line.hasSuffix(path) }
        guard isInside, line.hasPrefix("Rss:"), let kilobytes = line.split(separator: " ").dropFirst().first else {
            continue
        }
        sum += (Int(kilobytes) ?? 0) * 1024
    }
    return sum
}
