import Checkpoint
import Foundation
import GPT2
import Testing

/// Packed files that another program wrote, or that were put together wrongly.
@Suite("Foreign packed files")
final class ForeignPackedFileTests {
    private let directory: URL
    private let team: ThreadTeam

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "paceline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        team = try ThreadTeam(threadCount: 2)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private func pack(_ type: PackedType) throws -> String {
        let path = directory.appending(path: type.rawValue).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let source = try LocalModel(directory: Fixture.fiveHeadsErf.model)
        try PackedModel(source, type: type).write(to: path, team: team) { _, _ in }
        try FileManager.default.copyItem(
            atPath: source.checkpoint.directory + "/config.json", toPath: path + "/config.json")
        return path
    }

    private func logits(_ directory: String) throws -> [[UInt32]] {
        let model = try LocalModel(directory: directory)
        _ = try model.checkTensors()
        let layers = 0..<model.configuration.layerCount
        let stage = try PipelineStage(
            configuration: model.configuration, checkpoint: model.checkpoint, layers: layers, blockCount: 4, team: team)
        let tokens = Array(try Fixture.fiveHeadsErf.reference().tokens.prefix(20))
        let activations = try stage.forward(
            [SequenceSlice(start: 0, tokens: tokens, blockTable: [0, 1])], activations: nil)
        return try stage.logits(rows: Array(0..<tokens.count), of: activations).rowBits
    }

    /// Changes the header's text of every weight file; the data behind it stays.
    private func rewriteHeaders(_ directory: String, _ change: (String, String) -> String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory)
        where name.hasSuffix(".safetensors") {
            let url = URL(filePath: directory + "/" + name)
            let bytes = [UInt8](try Data(contentsOf: url))
            let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
            let header = change(name, String(decoding: bytes[8..<8 + length], as: UTF8.self))
            let count = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> ($0 * 8)) }
            try Data(count + header.utf8 + bytes[(8 + length)...]).write(to: url)
        }
    }

    @Test("panels may begin anywhere", arguments: PackedType.allCases)
    func alignment(type: PackedType) throws {
        let path = try pack(type)
        let expected = try logits(path)
        for spaces in [1, 8, 31] {
            try rewriteHeaders(path) { $1 + String(repeating: " ", count: spaces) }
            #expect(try logits(path) == expected, "\(spaces) bytes more")
        }
    }

    @Test("a file that says it holds another group is refused, as are files without a layout")
    func groups() throws {
        let path = try pack(.int8)
        try rewriteHeaders(path) { name, header in
            guard name == "model-layer-0.safetensors" else { return header }
            return header.replacing(#""paceline.group":"layer 0""#, with: #""paceline.group":"layer 7""#)
        }
        let error = #expect(throws: CheckpointError.self) { _ = try LocalModel(directory: path).checkTensors() }
        #expect(
            error?.description.hasSuffix(
                #"layer-0.safetensors: metadata: paceline.group is "layer 7", and the file holds h.0.ln_1.weight of layer 0"#
            ) == true, "\(String(describing: error))")
        try rewriteHeaders(path) { $1.replacing(#""paceline.layout":"1","#, with: "") }
        let missing = #expect(throws: CheckpointError.self) { _ = try LocalModel(directory: path) }
        #expect(missing?.description.hasSuffix("safetensors: metadata: paceline.layout is missing") == true)
    }
}
