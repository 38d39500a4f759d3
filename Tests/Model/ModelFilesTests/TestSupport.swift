import Foundation
import ModelFiles
import TestSupport

/// A directory of its own for one test, removed at the end.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "checkpoint-tests-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ bytes: [UInt8], to name: String) throws {
        // Some file systems wait for the disk where a file is overwritten, which thousands of mutations would feel.
        try? FileManager.default.removeItem(atPath: file(name))
        try Data(bytes).write(to: URL(filePath: file(name)))
    }

    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file(name)))) }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

enum Folder {
    static let fixtures = Repository.fixtures.appending(path: "checkpoint")
    static let demo = Repository.demoModel
}

/// A safetensors file with that header text and that many bytes of data: 0, 1, 2 and so on.
func safetensors(_ header: String, data byteCount: Int = 0) -> [UInt8] {
    littleEndian(UInt64(header.utf8.count)) + Array(header.utf8) + (0..<byteCount).map { UInt8(truncatingIfNeeded: $0) }
}

func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// A file's content as the writer makes it, one tensor after another.
func write(
    _ tensors: [(name: String, type: ElementType, shape: [Int], bytes: [UInt8])], to path: String,
    metadata: [String: String] = [:]
) throws {
    let declarations = tensors.map {
        SafetensorsWriter.Declaration(name: $0.name, type: $0.type, shape: $0.shape)
    }
    var writer = try SafetensorsWriter(path: path, tensors: declarations, metadata: metadata)
    for tensor in tensors { try writer.append(tensor.bytes.span.bytes, to: tensor.name) }
    try writer.finish()
}

extension Checkpoint {
    /// A copy of a tensor's bytes.
    func bytes(of tensor: TensorInfo) -> [UInt8] {
        withBytes(of: tensor) { span in span.withUnsafeBytes { Array($0) } }
    }

    func bytes(of name: String) -> [UInt8]? { tensor(name).map { bytes(of: $0) } }
}

/// Bytes of a mapped file that are resident in this process, as the kernel counts them; nil where it is not mapped.
func residentBytes(ofMap path: String) throws -> Int? {
    let smaps = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/smaps"))
    // Piece by piece: the file says of itself that it is empty, which misleads readers of whole files.
    var text: [UInt8] = []
    while let piece = try smaps.read(upToCount: 1 << 16), !piece.isEmpty { text += piece }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    guard let start = lines.firstIndex(where: { $0.hasSuffix(path) }) else { return nil }
    guard let line = lines[start...].first(where: { $0.hasPrefix("Rss:") }) else { return nil }
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
}

extension DigestCache {
    /// The digest of named tensors, whose names are the outline.
    func digest(_ group: String, of names: [String], in checkpoint: Checkpoint) throws -> Digest {
        try digest(group: group, outline: Digest(of: Array(names.joined(separator: " ").utf8))) {
            () throws(ModelFileError) in try checkpoint.digest(of: names)
        }
    }
}
