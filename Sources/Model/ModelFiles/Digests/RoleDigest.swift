import Crypto
import Kernels

/// SHA-256 of a tensor's values, whatever file they are in: as f32 little-endian in the order of the role's shape, so a
/// projection's as [inputs, outputs], however they are stored; biases that the files have not are zeros.
extension ModelWeights {
    /// Rows of a transposed matrix that are hashed at a time.
    private static let transposedRows = 64

    /// The digest of a tensor's values. Reads the weights, and gives their pages back. Throws what
    /// ``entry(_:shape:types:)`` throws.
    func valueDigest(of tensor: ModelTensor) throws(ModelFileError) -> Digest {
        guard !isAbsentBias(tensor.role) else {
            return Digest(of: [UInt8](repeating: 0, count: 4 * tensor.elementCount))
        }
        let entry = try entry(tensor.role, shape: tensor.shape)
        let (bytes, type) = try entry.stored.weights()
        var hash = SHA256()
        if entry.isTransposed {
            try Self.hashTransposed(bytes, type, columns: tensor.shape[0], into: &hash)
        } else if type == .f32 {
            hash.update(bytes)
        } else {
            try Self.hashWidened(bytes, type, into: &hash)
        }
        bytes.release()
        return Digest(hash.finalize())
    }

    private static func hashWidened(
        _ bytes: TensorBytes, _ type: WeightType, into hash: inout SHA256
    ) throws(ModelFileError) {
        let pieceBytes = 1 << 20
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            let piece = start..<min(start + pieceBytes, bytes.count)
            let values = try bytes.matrix(piece, type, columns: piece.count / type.byteCount)
            hash.update(data: values.bytes())
            bytes.release(piece)
        }
    }

    /// Hashes the transpose of a matrix with so many columns.
    private static func hashTransposed(
        _ bytes: TensorBytes, _ type: WeightType, columns: Int, into hash: inout SHA256
    ) throws(ModelFileError) {
        let stored = try bytes.matrix(0..<bytes.count, type, columns: columns)
        bytes.release()
        let block = Matrix(rows: transposedRows, columns: stored.rows)
        for first in stride(from: 0, to: columns, by: transposedRows) {
            let count = min(transposedRows, columns - first)
            block.withMutableValues { values in
                for row in 0..<stored.rows {
                    stored.withRow(row) { source in
                        for column in 0..<count { values[column * stored.rows + row] = source[first + column] }
                    }
                }
            }
            hash.update(data: block.bytes().prefix(4 * count * stored.rows))
        }
    }
}

extension TensorBytes {
    /// A part of the bytes as a matrix of f32.
    func matrix(_ part: Range<Int>, _ type: WeightType, columns: Int) throws(ModelFileError) -> Matrix {
        do {
            return try withBytes { (bytes) throws(KernelsError) in
                try Matrix(
                    bytes.extracting(part), type: type, rows: part.count / type.byteCount / max(columns, 1),
                    columns: columns)
            }
        } catch {
            throw .kernels(error)
        }
    }
}

/// What a model is known by, group by group.
extension ModelWeights {
    /// SHA-256 over a group's tensors, in the order of their roles: of each its dimensions as u64 little-endian and the
    /// digest of its values. A head that is the token embedding counts like a copy of it. Throws ``ModelFileError``.
    func meaningDigest(of tensors: [ModelTensor]) throws(ModelFileError) -> Digest {
        var record: [UInt8] = []
        for tensor in tensors {
            record += tensor.shape.flatMap(littleEndian) + (try valueDigest(of: tensor)).bytes
        }
        return Digest(of: record)
    }

    /// SHA-256 of what stands for these tensors in the files: names, types, shapes and order of the elements. Reads no
    /// weights. Throws ``ModelFileError/missingTensor(tensor:directory:)``.
    func outlineDigest(of tensors: [ModelTensor]) throws(ModelFileError) -> Digest {
        var record: [UInt8] = []
        for tensor in tensors {
            guard !isAbsentBias(tensor.role) else {
                record += Array("zeros".utf8) + tensor.shape.flatMap(littleEndian)
                continue
            }
            let entry = try entry(tensor.role, shape: tensor.shape)
            record += entry.stored.info.digestRecord + (entry.stored.strides ?? []).flatMap(littleEndian)
            record += [entry.isTransposed ? 1 : 0] + littleEndian(entry.stored.range.lowerBound)
        }
        return Digest(of: record)
    }
}
