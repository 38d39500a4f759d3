// Quantization of weights. A group is a range of depth by 16 columns; each column has its own scale.

/// A type of quantized weights.
protocol WeightGroup {
    /// The depth that shares a scale.
    static var size: Int { get }
    /// The range of the integers.
    static var range: ClosedRange<Float> { get }
    /// Added to the integers so that they are not negative.
    static var bias: Int32 { get }
    /// How many integers are tried for the weight of greatest magnitude; the one with the least squared error wins.
    static var trials: Int { get }
    static func trial(_ index: Int) -> Float
    /// Bytes of a group in a panel, without its scales.
    static var byteCount: Int { get }
    /// Stores the integers of a group; `scale` is representable in half precision.
    static func pack(_ strip: UnsafePointer<Float>, _ scale: SIMD16<Float>, _ destination: UnsafeMutableRawPointer)
}

/// Signed bytes from -127 to 127, [k / 4][16][4].
enum Int8Group: WeightGroup {
    static var size: Int { 64 }
    static var range: ClosedRange<Float> { -127...127 }
    static var bias: Int32 { 128 }
    static var trials: Int { 1 }
    @inline(__always)
    static func trial(_ index: Int) -> Float { 127 }
    static var byteCount: Int { size &* laneCount }

    @inline(__always)
    static func pack(_ strip: UnsafePointer<Float>, _ scale: SIMD16<Float>, _ destination: UnsafeMutableRawPointer) {
        let inverse = inverses(scale)
        for line in 0..<size / 4 {
            let word = fourIntegers(strip + 4 &* line &* laneCount, inverse)
            (destination + 64 &* line).storeBytes(of: word, as: SIMD16<UInt32>.self)
        }
    }
}

/// Integers from -8 to 7, as bytes [k / 8][16][4]. Of each eight along the depth, the first four are in the low halves
/// and the others in the high halves.
enum Int4Group: WeightGroup {
    static var size: Int { 32 }
    static var range: ClosedRange<Float> { -8...7 }
    static var bias: Int32 { 8 }
    static var trials: Int { 21 }
    /// The weight of greatest magnitude becomes about -8: from -7 to -9 are tried.
    @inline(__always)
    static func trial(_ index: Int) -> Float { -7 - 0.1 * Float(index) }
    static var byteCount: Int { size / 2 &* laneCount }

    @inline(__always)
    static func pack(_ strip: UnsafePointer<Float>, _ scale: SIMD16<Float>, _ destination: UnsafeMutableRawPointer) {
        let inverse = inverses(scale)
        for line in 0..<size / 8 {
            let low = fourIntegers(strip + 8 &* line &* laneCount, inverse)
            let high = fourIntegers(strip + (8 &* line &+ 4) &* laneCount, inverse)
            (destination + 64 &* line).storeBytes(of: low | high &<< SIMD16(repeating: 4), as: SIMD16<UInt32>.self)
        }
    }
}

extension WeightGroup {
    /// The scales of the columns, rounded to half precision: of those tried, the ones with the least squared error.
    @inline(__always)
    static func scale(of strip: UnsafePointer<Float>) -> SIMD16<Float> {
        var (extreme, isFinite) = (SIMD16<Float>.zero, SIMDMask<SIMD16<Int32>>(repeating: true))
        for k in 0..<size {
            let weights = load(strip + k &* laneCount)
            extreme.replace(with: weights, where: magnitudes(weights) .> magnitudes(extreme))
            isFinite .&= magnitudes(weights) .< SIMD16(repeating: Float.infinity)
        }
        var (best, scale) = (SIMD16<Float>.zero, SIMD16<Float>.zero)
        for index in 0..<trials {
            let (product, square) = fit(strip, inverse: SIMD16(repeating: trial(index)) / extreme)
            // How much less the error is than the sum of squared weights, with the best scale for these integers.
            let gain = product * product / square
            let isBetter = gain .> best
            best.replace(with: gain, where: isBetter)
            scale.replace(with: product / square, where: isBetter)
        }
        scale.replace(with: SIMD16(repeating: .nan), where: .!isFinite)
        return F16.rounded(scale)
    }

    /// The sums of weight × integer and of integer², where the integers are the weights times `inverse`, rounded.
    @inline(__always)
    private static func fit(
        _ strip: UnsafePointer<Float>, inverse: SIMD16<Float>
    ) -> (product: SIMD16<Float>, square: SIMD16<Float>) {
        var (product, square) = (SIMD16<Float>.zero, SIMD16<Float>.zero)
        for k in 0..<size {
            let weights = load(strip + k &* laneCount)
            let integers = rounded(weights * inverse) - SIMD16(repeating: roundingShift)
            product = product.addingProduct(weights, integers)
            square = square.addingProduct(integers, integers)
        }
        return (product, square)
    }

    /// Four biased integers of each column in the bytes of a word.
    @inline(__always)
    fileprivate static func fourIntegers(
        _ strip: UnsafePointer<Float>, _ inverse: SIMD16<Float>
    ) -> SIMD16<UInt32> {
        var words = SIMD16<UInt32>.zero
        for i in 0..<4 {
            let bits = unsafeBitCast(rounded(load(strip + i &* laneCount) * inverse), to: SIMD16<Int32>.self)
            let byte = bits &- SIMD16(repeating: Int32(bitPattern: roundingShift.bitPattern) &- bias)
            words |= unsafeBitCast(byte, to: SIMD16<UInt32>.self) &<< SIMD16(repeating: UInt32(8 &* i))
        }
        return words
    }

    /// The nearest integers within the range, ties to even, plus `roundingShift`.
    @inline(__always)
    private static func rounded(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let (lowest, highest) = (SIMD16(repeating: range.lowerBound), SIMD16(repeating: range.upperBound))
        var limited = x.replacing(with: highest, where: x .> highest)
        limited.replace(with: lowest, where: limited .< lowest)
        // NaN, from 0 × ∞ for example, becomes 0.
        limited.replace(with: SIMD16<Float>(repeating: 0), where: limited .!= limited)
        return limited + SIMD16(repeating: roundingShift)
    }
}

/// 1 ÷ scale, or 0 where the scale is 0 or NaN.
@inline(__always)
private func inverses(_ scale: SIMD16<Float>) -> SIMD16<Float> {
    let inverse = SIMD16(repeating: 1) / scale
    return inverse.replacing(
        with: SIMD16<Float>(repeating: 0), where: .!(magnitudes(inverse) .< SIMD16(repeating: Float.infinity)))
}

@inline(__always)
private func magnitudes(_ lanes: SIMD16<Float>) -> SIMD16<Float> {
    let bits = unsafeBitCast(lanes, to: SIMD16<UInt32>.self) & SIMD16(repeating: 0x7FFF_FFFF)
    return unsafeBitCast(bits, to: SIMD16<Float>.self)
}
