import JSON

/// Writes a safetensors file as a stream: all tensors are declared first, then their bytes are appended in the order of
/// declaration. The file appears under its name when it is finished, and not at all where it never is.
///
/// Declaring tensors of wider types first keeps each tensor aligned to its element, as other writers do.
public struct SafetensorsWriter: ~Copyable {
    /// A tensor to be written.
    public struct Declaration: Sendable, Equatable {
        public var name: String
        public var type: ElementType
        /// Dimensions, outermost first.
        public var shape: [Int]

        public init(name: String, type: ElementType, shape: [Int]) {
            (self.name, self.type, self.shape) = (name, type, shape)
        }
    }

    private let file: AtomicFile
    private let tensors: [TensorInfo]
    /// The tensor that is due, and how many of its bytes are written.
    private var current = 0
    private var written = 0

    /// Starts a file at `path` with these tensors and the free-form strings of `__metadata__`. Throws
    /// ``ModelFileError`` where names repeat, a shape has no size, a limit of the format is passed or the directory
    /// cannot be written.
    public init(
        path: String, tensors: [Declaration], metadata: [String: String] = [:]
    ) throws(ModelFileError) {
        guard tensors.count <= Limits.tensors else {
            throw .tooMany(file: path, what: "tensors", limit: Limits.tensors)
        }
        guard metadata.count <= Limits.tensors else {
            throw .tooMany(file: path, what: "names in __metadata__", limit: Limits.tensors)
        }
        var names: Set<String> = ["__metadata__"]
        var infos: [TensorInfo] = []
        for tensor in tensors {
            guard names.insert(tensor.name).inserted else {
                throw .duplicateTensor(tensor: tensor.name, file: path, other: path)
            }
            infos.append(try TensorInfo(name: tensor.name, type: tensor.type, shape: tensor.shape, file: path))
        }
        let header = try Self.header(of: infos, metadata: metadata, path: path)
        let file = try AtomicFile(path: path)
        try file.write(header.span.bytes)
        (self.file, self.tensors) = (file, infos)
    }

    /// Appends bytes of a tensor, all of them or the next piece. Throws
    /// ``ModelFileError/unexpectedBytes(file:tensor:reason:)`` unless `tensor` is the one that is due and takes as
    /// many, ``ModelFileError/cannotWrite(file:reason:)`` where the disk refuses them.
    public mutating func append(_ bytes: RawSpan, to tensor: String) throws(ModelFileError) {
        while current < tensors.count, written == tensors[current].byteCount, tensors[current].name != tensor {
            (current, written) = (current + 1, 0)
        }
        guard current < tensors.count else {
            throw .unexpectedBytes(file: file.path, tensor: tensor, reason: "all declared tensors are written")
        }
        let due = tensors[current]
        guard due.name == tensor else {
            throw .unexpectedBytes(file: file.path, tensor: tensor, reason: "\(quoted(due.name)) is due")
        }
        guard bytes.byteCount <= due.byteCount - written else {
            let reason = "\(bytes.byteCount) bytes, only \(due.byteCount - written) of \(due.byteCount) are missing"
            throw .unexpectedBytes(file: file.path, tensor: tensor, reason: reason)
        }
        try file.write(bytes)
        written += bytes.byteCount
    }

    /// Ends the file and gives it its name, once it has reached the disk. Throws
    /// ``ModelFileError/unfinished(file:tensor:written:byteCount:)`` where bytes are missing,
    /// ``ModelFileError/cannotWrite(file:reason:)`` where the disk fails; then no file is left.
    public consuming func finish() throws(ModelFileError) { try commit() }

    /// As ``finish()``, for who holds the writer as a part of itself and will not use it again.
    borrowing func commit() throws(ModelFileError) {
        for index in current..<tensors.count {
            let done = index == current ? written : 0
            guard done == tensors[index].byteCount else {
                throw .unfinished(
                    file: file.path, tensor: tensors[index].name, written: done, byteCount: tensors[index].byteCount)
            }
        }
        try file.commit(durable: true)
    }

    /// Length and JSON, padded with spaces so that the data begins at a multiple of 64, a line of the processor's caches.
    private static func header(
        of tensors: [TensorInfo], metadata: [String: String], path: String
    ) throws(ModelFileError) -> [UInt8] {
        var members = metadata.isEmpty ? [] : ["\"__metadata__\":\(jsonText(metadata))"]
        var begin = 0
        for tensor in tensors {
            let (end, overflow) = begin.addingReportingOverflow(tensor.byteCount)
            guard !overflow else {
                throw .invalidShape(file: path, tensor: tensor.name, type: tensor.type, shape: tensor.shape)
            }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(jsonText(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(begin),\(end)]}")
            begin = end
        }
        var text = Array("{\(members.joined(separator: ","))}".utf8)
        text += [UInt8](repeating: UInt8(ascii: " "), count: 63 - (text.count + 7) % 64)
        guard text.count <= Limits.headerBytes else {
            throw .tooLong(file: path, length: UInt64(text.count), limit: Limits.headerBytes)
        }
        return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) } + text
    }
}
