import Kernels

extension StoredTensor {
    /// What elements that repeat may take in memory beside those that are there.
    private static let repeatedBytes = 1 << 20

    /// The elements row after row, and their type. Those that lie so in the file are mapped; others are copied, which is
    /// refused where most of them would be repetitions. F64 is rounded to f32. Throws
    /// ``ModelFileError/tooMany(file:what:limit:)``, or ``ModelFileError/wrongType(file:tensor:found:expected:)`` for
    /// what weights cannot be.
    func weights() throws(ModelFileError) -> (TensorBytes, WeightType) {
        let type: WeightType
        switch info.type {
        case .f32: type = .f32
        case .f16: type = .f16
        case .bf16: type = .bf16
        case .f64: return (TensorBytes(try gathered(Self.appendRounded)), .f32)
        default: throw .wrongType(file: info.file, tensor: info.name, found: info.type, expected: ElementType.weights)
        }
        guard strides != nil else { return (TensorBytes(file, range), type) }
        return (TensorBytes(try gathered(type == .f32 ? Self.append4 : Self.append2)), type)
    }

    private static func append2(_ source: RawSpan, _ element: Int, to bytes: inout [UInt8]) {
        bytes.append(source.unsafeLoad(fromByteOffset: 2 * element, as: UInt8.self))
        bytes.append(source.unsafeLoad(fromByteOffset: 2 * element + 1, as: UInt8.self))
    }

    private static func append4(_ source: RawSpan, _ element: Int, to bytes: inout [UInt8]) {
        append2(source, 2 * element, to: &bytes)
        append2(source, 2 * element + 1, to: &bytes)
    }

    private static func appendRounded(_ source: RawSpan, _ element: Int, to bytes: inout [UInt8]) {
        let stored = source.unsafeLoadUnaligned(fromByteOffset: 8 * element, as: UInt64.self)
        let bits = Float(Double(bitPattern: UInt64(littleEndian: stored))).bitPattern
        for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }

    /// All elements in the order of their indices, each put down by `append`.
    private func gathered(_ append: (RawSpan, Int, inout [UInt8]) -> Void) throws(ModelFileError) -> [UInt8] {
        guard info.byteCount <= range.count + Self.repeatedBytes else {
            throw .tooMany(
                file: info.file, what: "bytes in repeated elements of tensor \(quoted(info.name))",
                limit: Self.repeatedBytes)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(info.byteCount)
        file.withBytes(in: range) { source in
            forEachElement { append(source, $0, &bytes) }
        }
        return bytes
    }

    /// Calls `body` with the place of each element, counted in elements, in the order of indices.
    private func forEachElement(_ body: (Int) -> Void) {
        guard let strides, !info.shape.isEmpty else { return (0..<info.elementCount).forEach(body) }
        var index = [Int](repeating: 0, count: strides.count)
        var element = 0
        for _ in 0..<info.elementCount {
            body(element)
            // The next index, the last dimension first.
            var dimension = strides.count - 1
            while dimension >= 0 {
                index[dimension] += 1
                element += strides[dimension]
                if index[dimension] < info.shape[dimension] { break }
                element -= info.shape[dimension] * strides[dimension]
                index[dimension] = 0
                dimension -= 1
            }
        }
    }
}
