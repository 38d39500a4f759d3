import CSIMD

// What the machine can do at most: what the kernels are measured against.

extension Variant {
    /// Reads `count` bytes, a multiple of 1024, as fast as can be, and gives something that depends on all of them.
    @inline(never)
    public static func readStream(_ bytes: UnsafeRawPointer, count: Int) -> UInt64 {
        var sums = InlineArray<8, SIMD8<UInt64>>(repeating: .zero)
        var next = bytes
        for _ in 0..<count / 1024 {
            for i in 0..<16 {
                csimd_prefetch_l2(next, 8192 &+ 64 &* i)
                sums[i % 8] |= (next + 64 &* i).loadUnaligned(as: SIMD8<UInt64>.self)
            }
            next += 1024
        }
        var all = SIMD8<UInt64>.zero
        for i in 0..<8 { all |= sums[i] }
        let four = all.lowHalf | all.highHalf
        return four.x | four.y | four.z | four.w
    }

    /// Does `rounds` rounds of fused multiply-adds, all in registers; gives something that depends on all of them.
    @inline(never)
    public static func multiplyAddPeak(rounds: Int, factor: Float) -> Float {
        PeakChains.multiplyAdds(rounds, SIMD16(repeating: factor))
    }

    /// The same with dot products of four unsigned and four signed bytes.
    @inline(never)
    public static func dotPeak(rounds: Int, factor: Int32) -> Int32 { PeakChains.dots(rounds, factor) }

    /// Multiply-adds of a round: of floats, and of bytes.
    public static var multiplyAddsPerRound: (floats: Int, bytes: Int) {
        (PeakChains.laneTotal, 4 &* PeakChains.laneTotal)
    }
}

/// Sums that do not wait for each other: more than a multiplier's latency times the multipliers, and no more than the
/// registers hold.
enum Chains<let count: Int> {
    static var laneTotal: Int { count &* laneCount }

    @inline(__always)
    static func multiplyAdds(_ rounds: Int, _ factors: SIMD16<Float>) -> Float {
        var sums = InlineArray<count, SIMD16<Float>>(repeating: factors)
        for _ in 0..<rounds {
            for i in 0..<count { sums[i] = sums[i].addingProduct(factors, factors) }
        }
        var all = SIMD16<Float>.zero
        for i in 0..<count { all += sums[i] }
        return sum16(all)
    }

    @inline(__always)
    static func dots(_ rounds: Int, _ factor: Int32) -> Int32 {
        let weights = SignedLanes(biased: SIMD64(repeating: UInt8(truncatingIfNeeded: factor)))
        var sums = InlineArray<count, SIMD16<Int32>>(repeating: SIMD16(repeating: factor))
        for _ in 0..<rounds {
            for i in 0..<count { sums[i] = weights.dot(sums[i], factor) }
        }
        var all = SIMD16<Int32>.zero
        for i in 0..<count { all &+= sums[i] }
        return sum16(all)
    }
}
