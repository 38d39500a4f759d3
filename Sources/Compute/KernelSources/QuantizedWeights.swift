/// How a quantized type lies in the lines of a panel, 64 bytes each, and is multiplied.
protocol QuantizedWeights {
    /// What a step takes: four values of depth by 16 columns.
    associatedtype Lanes
    static var groupSize: Int { get }
    /// Steps in a line.
    static var stepsPerLine: Int { get }
    /// Whether the products are of biased weights, so that sums begin at -bias × Σ activations.
    static var isBiased: Bool { get }
    static func lanes(_ line: UnsafeRawPointer, step: Int) -> Lanes
    /// To each column's sum, its four products with four activations in the bytes of an integer.
    static func dot(_ sums: SIMD16<Int32>, _ weights: Lanes, _ activations: Int32) -> SIMD16<Int32>
}

extension QuantizedWeights {
    static var linesPerGroup: Int { groupSize / (4 * stepsPerLine) }
    static var groupBytes: Int { 64 * linesPerGroup }
}

/// Bytes from -127 to 127, biased by 128.
enum Int8Weights: QuantizedWeights {
    static var groupSize: Int { Int8Group.size }
    static var stepsPerLine: Int { 1 }
    static var isBiased: Bool { SignedLanes.isBiased }

    @inline(__always)
    static func lanes(_ line: UnsafeRawPointer, step: Int) -> SignedLanes {
        SignedLanes(biased: line.loadUnaligned(as: SIMD64<UInt8>.self))
    }

    @inline(__always)
    static func dot(_ sums: SIMD16<Int32>, _ weights: SignedLanes, _ activations: Int32) -> SIMD16<Int32> {
        weights.dot(sums, activations)
    }
}

/// Halves of bytes from -8 to 7, biased by 8.
enum Int4Weights: QuantizedWeights {
    static var groupSize: Int { Int4Group.size }
    static var stepsPerLine: Int { 2 }
    static var isBiased: Bool { true }

    @inline(__always)
    static func lanes(_ line: UnsafeRawPointer, step: Int) -> SIMD64<UInt8> {
        // In words, for there is no instruction that shifts bytes.
        let words = line.loadUnaligned(as: SIMD16<UInt32>.self)
        let halves = (step == 0 ? words : words &>> SIMD16(repeating: 4)) & SIMD16(repeating: 0x0F0F_0F0F)
        return unsafeBitCast(halves, to: SIMD64<UInt8>.self)
    }

    @inline(__always)
    static func dot(_ sums: SIMD16<Int32>, _ weights: SIMD64<UInt8>, _ activations: Int32) -> SIMD16<Int32> {
        dotOfSmall(sums, weights, activations)
    }
}
