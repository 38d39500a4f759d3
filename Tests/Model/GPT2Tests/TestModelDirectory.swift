import Foundation
import GPT2
import Kernels
import ModelFiles
import Testing

/// A model's directory of its own for one test, removed at the end.
final class TestModelDirectory {
    let path: String

    private init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The model in `source`, packed.
    convenience init(packing source: String, as type: PackedType) throws {
        try self.init()
        let model = try PackedModel(try LocalModel(directory: source), type: type)
        var steps: [Int] = []
        try model.write(to: path, backend: Backend(threadCount: 2)) { done, _ in steps.append(done) }
        precondition(steps == steps.sorted() && steps.last == model.byteCount, "progress")
        try FileManager.default.copyItem(atPath: source + "/config.json", toPath: file("config.json"))
    }

    /// A model of random weights.
    convenience init(_ configuration: GPT2Configuration, type: SyntheticModel.StoredType = .f32, seed: UInt64) throws {
        try self.init()
        try SyntheticModel(configuration: configuration, type: type, seed: seed)
            .write(to: path, team: ThreadTeam(threadCount: 2)) { _, _ in }
    }

    /// The model in `source` in f32, with the weights of its products, the token embedding among them, changed.
    convenience init(_ source: String, weights change: (Float) -> Float) throws {
        try self.init()
        let model = try LocalModel(directory: source)
        let tensors = try model.checkTensors()
        var writer = try SafetensorsWriter(
            path: file("model.safetensors"),
            tensors: tensors.map {
                SafetensorsWriter.Declaration(name: model.weights.name($0.role), type: .f32, shape: $0.shape)
            })
        for tensor in tensors {
            let stored = try #require(model.weights.tensor(tensor.role))
            let values = try Checkpoint(directory: source).values(stored.name)
            let isProduct = tensor.shape.count == 2 && tensor.role != .positionEmbedding
            let changed = (isProduct ? values.map(change) : values).map(\.bitPattern.littleEndian)
            try writer.append(changed.span.bytes, to: model.weights.name(tensor.role))
        }
        try writer.finish()
        try FileManager.default.copyItem(atPath: source + "/config.json", toPath: file("config.json"))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file(name)))) }

    /// Puts a new file in the place of an old one, which may be mapped still.
    func write(_ bytes: [UInt8], to name: String) throws {
        try? FileManager.default.removeItem(atPath: file(name))
        try Data(bytes).write(to: URL(filePath: file(name)))
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// Replaces text in the header of a safetensors file.
    func editHeader(_ name: String, _ edit: (String) -> String) throws {
        let bytes = try read(name)
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = Array(edit(String(decoding: bytes[8..<8 + length], as: UTF8.self)).utf8)
        let newLength = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) }
        try write(newLength + header + bytes[(8 + length)...], to: name)
    }
}

extension Checkpoint {
    /// A tensor's numbers.
    func values(_ name: String) throws -> [Float] {
        guard let tensor = tensor(name) else { throw ModelFileError.missingTensor(tensor: name, directory: directory) }
        let type: WeightType = tensor.type == .f32 ? .f32 : tensor.type == .f16 ? .f16 : .bf16
        return try withBytes(of: tensor) {
            try Matrix($0, type: type, rows: 1, columns: tensor.elementCount).row(0)
        }
    }
}
