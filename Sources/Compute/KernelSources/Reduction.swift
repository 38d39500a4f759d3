/// Sums 16 lanes by the fixed tree that every sum and dot product ends in: lane i with i + 8, then + 4, + 2, + 1.
///
/// The library's `.sum()` is a chain, whose rounding differs.
@inline(__always)
func sum16(_ v: SIMD16<Float>) -> Float {
    let eight = v.lowHalf + v.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
}

/// The sum of 16 integers modulo 2³². The library's `wrappedSum` would be compiled only once, for all variants.
@inline(__always)
func sum16(_ v: SIMD16<Int32>) -> Int32 {
    let eight = v.lowHalf &+ v.highHalf
    let four = eight.lowHalf &+ eight.highHalf
    let two = four.lowHalf &+ four.highHalf
    return two.x &+ two.y
}

/// The greatest of 16 lanes; meaningless if a lane is NaN.
@inline(__always)
func max16(_ v: SIMD16<Float>) -> Float {
    let (low, high) = (v.lowHalf, v.highHalf)
    let eight = low.replacing(with: high, where: high .> low)
    let (lowFour, highFour) = (eight.lowHalf, eight.highHalf)
    let four = lowFour.replacing(with: highFour, where: highFour .> lowFour)
    let (lowTwo, highTwo) = (four.lowHalf, four.highHalf)
    let two = lowTwo.replacing(with: highTwo, where: highTwo .> lowTwo)
    return two.y > two.x ? two.y : two.x
}

extension Variant {
    /// Whether none of the values is infinite or NaN.
    @inline(never)
    public static func isFinite(_ values: UnsafePointer<Float>, count: Int) -> Bool {
        // A finite value times 0 is 0; infinity and NaN give NaN.
        var lanes = SIMD16<Float>.zero
        let zero = SIMD16<Float>.zero
        forEachLanes(count) {
            lanes = lanes.addingProduct(load(values + $0), zero)
        } tail: {
            lanes = lanes.addingProduct(loadTail(values + $0, $1), zero)
        }
        return sum16(lanes) == 0
    }
}
