import Crypto

/// SHA-256 over tensors as they are stored: names, types, shapes and bytes. By it a packed file is known to be whole.
///
/// What is hashed, all integers as u64 little-endian: for each tensor, ascending by the UTF-8 bytes of its name: the
/// length of that name, the name, the length of the type's safetensors name, the type, the number of dimensions, each
/// dimension, then the data.
public struct TensorDigest {
    private var hash = SHA256()

    public init() {}

    /// Adds a tensor with all its bytes; they have to come ascending by the UTF-8 bytes of their names. Throws
    /// ``ModelFileError`` for a shape without a size.
    public mutating func add(_ tensor: SafetensorsWriter.Declaration, _ bytes: RawSpan) throws(ModelFileError) {
        let info = try TensorInfo(name: tensor.name, type: tensor.type, shape: tensor.shape, file: tensor.name)
        hash.update(data: info.digestRecord)
        hash.update(bytes)
    }

    mutating func add(_ tensor: StoredTensor) {
        hash.update(data: tensor.info.digestRecord)
        hash.update(TensorBytes(tensor.file, tensor.range))
    }

    public var value: Digest { Digest(hash.finalize()) }
}

extension SHA256 {
    private static let pieceBytes = 16 << 20

    mutating func update(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { update(bufferPointer: $0) }
    }

    /// Adds a tensor's bytes, giving its pages back as it goes, so that they do not count as this process's memory.
    mutating func update(_ bytes: TensorBytes) {
        for start in stride(from: 0, to: bytes.count, by: Self.pieceBytes) {
            let piece = start..<min(start + Self.pieceBytes, bytes.count)
            bytes.withBytes { update($0.extracting(piece)) }
            bytes.release(piece)
        }
    }
}

extension Checkpoint {
    /// ``TensorDigest`` of the named tensors, in whatever order. Reads all of them. Throws
    /// ``ModelFileError/missingTensor(tensor:directory:)``.
    public func digest(of names: [String]) throws(ModelFileError) -> Digest {
        var tensors: [StoredTensor] = []
        for name in Set(names).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            tensors.append(try existingTensor(name))
        }
        return digestOfTensors(tensors)
    }
}

/// ``TensorDigest`` of tensors that are ascending by name.
func digestOfTensors(_ tensors: [StoredTensor]) -> Digest {
    var digest = TensorDigest()
    for tensor in tensors { digest.add(tensor) }
    // What the system mapped of the tensors' neighbourhood adds up where there are many small ones.
    for tensor in tensors { tensor.file.release() }
    return digest.value
}

extension TensorInfo {
    /// Name, type and shape, as they are hashed.
    var digestRecord: [UInt8] {
        func text(_ string: String) -> [UInt8] { littleEndian(string.utf8.count) + string.utf8 }
        return text(name) + text(type.rawValue) + littleEndian(shape.count) + shape.flatMap(littleEndian)
    }
}

/// A number as u64 little-endian.
func littleEndian(_ value: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
