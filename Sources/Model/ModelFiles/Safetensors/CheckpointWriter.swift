/// Writes a model's weights as ``Checkpoint`` opens them: `model.safetensors`, or, where that would be too long, several
/// files and `model.safetensors.index.json`, which is written last. A stream: all tensors are declared first, then their
/// bytes are appended in the order of declaration.
///
/// Every file appears whole or not at all. Where writing fails, files that were whole before stay, and the index does
/// not appear.
public struct CheckpointWriter: ~Copyable {
    private let directory: String
    /// The tensors of each file.
    private let files: [[SafetensorsWriter.Declaration]]
    private let metadata: [String: String]
    private let fileOfTensor: [String: Int]
    private let byteCount: Int
    private var current = 0
    private var writer: SafetensorsWriter

    /// Starts to write in `directory`, which has to be there. A file takes tensors until it holds `fileBytes`; a tensor
    /// is never cut. `metadata` is put into every file. Throws ``ModelFileError`` as
    /// ``SafetensorsWriter/init(path:tensors:metadata:)`` does.
    public init(
        directory: String, tensors: [SafetensorsWriter.Declaration], metadata: [String: String] = [:],
        fileBytes: Int = 2_000_000_000
    ) throws(ModelFileError) {
        var files: [[SafetensorsWriter.Declaration]] = [[]]
        var fileOfTensor: [String: Int] = [:]
        var (held, byteCount) = (0, 0)
        for tensor in tensors {
            let info = try TensorInfo(name: tensor.name, type: tensor.type, shape: tensor.shape, file: directory)
            let (sum, overflow) = byteCount.addingReportingOverflow(info.byteCount)
            guard !overflow else {
                throw .invalidShape(file: directory, tensor: tensor.name, type: tensor.type, shape: tensor.shape)
            }
            if held > 0 && info.byteCount > max(0, fileBytes - held) {
                files.append([])
                held = 0
            }
            guard fileOfTensor.updateValue(files.count - 1, forKey: tensor.name) == nil else {
                throw .duplicateTensor(tensor: tensor.name, file: directory, other: directory)
            }
            files[files.count - 1].append(tensor)
            (held, byteCount) = (held + info.byteCount, sum)
        }
        guard files.count <= Limits.shards else {
            throw .tooMany(file: directory, what: "files of \(fileBytes) bytes", limit: Limits.shards)
        }
        writer = try Self.file(0, of: files, in: directory, metadata: metadata)
        (self.directory, self.files, self.metadata) = (directory, files, metadata)
        (self.fileOfTensor, self.byteCount) = (fileOfTensor, byteCount)
    }

    /// Appends bytes of a tensor, all of them or the next piece. Throws as ``SafetensorsWriter/append(_:to:)`` does, and
    /// ``ModelFileError/unfinished(file:tensor:written:byteCount:)`` where the tensor is in another file than the one
    /// under way and that lacks bytes.
    public mutating func append(_ bytes: RawSpan, to tensor: String) throws(ModelFileError) {
        while let file = fileOfTensor[tensor], file > current { try openNext() }
        // A tensor that is unknown or of an earlier file is refused by the one that is open.
        try writer.append(bytes, to: tensor)
    }

    /// Ends the last file and writes the index, where there are several. Throws as ``SafetensorsWriter/finish()`` does.
    public consuming func finish() throws(ModelFileError) {
        while current < files.count - 1 { try openNext() }
        try writer.commit()
        guard files.count > 1 else { return }
        let names = fileOfTensor.mapValues { Self.name($0, of: files.count) }
        try ShardIndex.write(names, byteCount: byteCount, in: directory)
    }

    private mutating func openNext() throws(ModelFileError) {
        var next = try Self.file(current + 1, of: files, in: directory, metadata: metadata)
        swap(&writer, &next)
        current += 1
        try next.finish()
    }

    private static func file(
        _ file: Int, of files: [[SafetensorsWriter.Declaration]], in directory: String, metadata: [String: String]
    ) throws(ModelFileError) -> SafetensorsWriter {
        try SafetensorsWriter(
            path: filePath(name(file, of: files.count), in: directory), tensors: files[file], metadata: metadata)
    }

    private static func name(_ file: Int, of count: Int) -> String {
        func digits(_ number: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, 5 - text.count)) + text
        }
        return count == 1
            ? ModelDirectory.FileName.weights : "model-\(digits(file + 1))-of-\(digits(count)).safetensors"
    }
}
