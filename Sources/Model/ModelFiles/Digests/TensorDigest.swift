import Crypto

/// ``Checkpoint/digest(of:)`` of tensors that are in memory.
public struct TensorDigest {
    private var hash = SHA256()

    public init() {}

    /// Adds a tensor with all its bytes; they have to come ascending by the UTF-8 bytes of their names. Throws
    /// ``ModelFileError`` for a shape without a size.
    public mutating func add(_ tensor: SafetensorsWriter.Declaration, _ bytes: RawSpan) throws(ModelFileError) {
        add(try TensorInfo(name: tensor.name, type: tensor.type, shape: tensor.shape, file: tensor.name), bytes)
    }

    mutating func add(_ tensor: TensorInfo, _ bytes: RawSpan) {
        hash.update(data: tensor.digestRecord)
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }

    mutating func add(_ tensor: TensorInfo, _ mapped: MappedTensor) {
        hash.update(data: tensor.digestRecord)
        for piece in mapped.pieces(of: Self.pieceBytes) {
            piece.withBytes { bytes in bytes.withUnsafeBytes { hash.update(bufferPointer: $0) } }
            piece.release()
        }
    }

    private static let pieceBytes = 16 << 20

    public var value: Digest { Digest(hash.finalize()) }
}

extension Checkpoint {
    /// SHA-256 over the named tensors: their names, types, shapes and bytes. The order of `names` does not matter, nor
    /// whether the model is in one file or several, nor whether its names have the prefix `transformer.`: the same
    /// weights give the same digest.
    ///
    /// What is hashed, all integers as u64 little-endian: for each tensor, ascending by the UTF-8 bytes of its name
    /// without the prefix: the length of that name, the name, the length of the type's safetensors name, the type, the
    /// number of dimensions, each dimension, then the data.
    ///
    /// Reads all of these tensors, and gives their pages back as it goes, so that they do not count as this process's
    /// memory; ``DigestCache`` remembers the result. Throws ``ModelFileError/missingTensor(tensor:directory:)``.
    public func digest(of names: [String]) throws(ModelFileError) -> Digest {
        var digest = TensorDigest()
        for tensor in try digestOrder(of: names) { digest.add(tensor, mapped(tensor)) }
        // What the system mapped of the tensors' neighbourhood adds up where there are many small ones.
        releasePages()
        return digest.value
    }

    /// As ``digest(of:)``, of names, types and shapes only: reads no weights.
    func outlineDigest(of names: [String]) throws(ModelFileError) -> Digest {
        Digest(of: try digestOrder(of: names).flatMap(\.digestRecord))
    }

    private func digestOrder(of names: [String]) throws(ModelFileError) -> [TensorInfo] {
        var found: [String: TensorInfo] = [:]
        for name in names {
            let tensor = try existingTensor(name)
            found[tensor.name] = tensor
        }
        return found.values.sorted { $0.canonicalName.utf8.lexicographicallyPrecedes($1.canonicalName.utf8) }
    }
}

extension TensorInfo {
    fileprivate var digestRecord: [UInt8] {
        func text(_ string: String) -> [UInt8] { integer(string.utf8.count) + string.utf8 }
        func integer(_ value: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        return text(canonicalName) + text(type.rawValue) + integer(shape.count) + shape.flatMap(integer)
    }
}
