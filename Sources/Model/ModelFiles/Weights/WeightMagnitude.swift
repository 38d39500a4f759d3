import Kernels

/// How great the weights of a tensor are, as they are stored.
enum WeightMagnitude {
    /// The greatest of f16; what lies beyond would become infinite.
    private static let greatestF16: Float = 65504

    /// Why these weights cannot be used as `type`: one is infinite or not a number, or beyond what the type holds. Nil
    /// where all can.
    static func problem(of bytes: RawSpan, stored: WeightType, as type: PackedType) -> String? {
        let greatest = greatest(of: bytes, stored: stored)
        guard greatest.isFinite else {
            return
                "has a weight that is \(greatest.isNaN ? "not a number" : "infinite"); its training diverged, or the "
                + "file is damaged"
        }
        guard type == .f16, greatest > greatestF16 else { return nil }
        return "has a weight of size \(greatest), and f16 ends at 65504: take another --type, bf16 or f32 or int8"
    }

    /// The greatest magnitude; NaN where one is that.
    static func greatest(of bytes: RawSpan, stored: WeightType) -> Float {
        // Without their sign, floating-point numbers are in the order of their bits, infinity above them, NaN last.
        switch stored {
        case .f32: Float(bitPattern: greatestBits(of: bytes, mask: UInt32.max >> 1))
        case .bf16: Float(bitPattern: UInt32(greatestBits(of: bytes, mask: UInt16.max >> 1)) << 16)
        case .f16: Float(Float16(bitPattern: greatestBits(of: bytes, mask: UInt16.max >> 1)))
        }
    }

    private static func greatestBits<Bits: FixedWidthInteger & BitwiseCopyable>(
        of bytes: RawSpan, mask: Bits
    ) -> Bits {
        bytes.withUnsafeBytes { buffer in
            let size = MemoryLayout<Bits>.size
            var greatest: Bits = 0
            for index in 0..<buffer.count / size {
                let bits = buffer.loadUnaligned(fromByteOffset: index * size, as: Bits.self)
                greatest = max(greatest, Bits(littleEndian: bits) & mask)
            }
            return greatest
        }
    }
}
