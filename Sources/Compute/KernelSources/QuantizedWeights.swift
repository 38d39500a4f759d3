/// How weights of a quantized type are laid out in a panel's 64-byte lines, and how they are multiplied.
protocol QuantizedWeights {
    /// The operand of one step: four values of depth by 16 columns.
    associatedtype Lanes
    static var groupSize: Int { get }
    /// Steps in a line.
    static var stepsPerLine: Int { get }
    /// Whether the products use biased weights, so that sums start from -bias × Σ activations.
    static var isBiased: Bool { get }
    static func lanes(_ line: UnsafeRawPointer, step: Int) -> Lanes
    /// Adds to each column's sum its four products with the four activations in the bytes of `activations`.
    static func dot(_ sums: SIMD16<Int32>, _ weights: Lanes, _ activations: Int32) -> SIMD16<Int32>
}

extension QuantizedWeights {
    static var linesPerGroup: Int { groupSize / (4 * stepsPerLine) }
    static var groupBytes: Int { 64 * linesPerGroup }
}

/// Integers from -127 to 127, one a byte, biased by 128.
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

/// Integers from -8 to 7, two a byte, biased by 8.
enum Int4Weights: QuantizedWeights {
    static var groupSize: Int { Int4Group.size }
    static var stepsPerLine: Int { 2 }
    static var isBiased: Bool { true }

    @inline(__always)
    static func lanes(_ line: UnsafeRawPointer, step: Int) -> SIMD64<UInt8> {
        // On 32-bit words, since there is no instruction that shifts bytes.
        let words = line.loadUnaligned(as: SIMD16<UInt32>.self)
        let halves = (step == 0 ? words : words &>> SIMD16(repeating: 4)) & SIMD16(repeating: 0x0F0F_0F0F)
        return unsafeBitCast(halves, to: SIMD64<UInt8>.self)
    }

    @inline(__always)
    static func dot(_ sums: SIMD16<Int32>, _ weights: SIMD64<UInt8>, _ activations: Int32) -> SIMD16<Int32> {
        dotOfSmall(sums, weights, activations)
    }
}
