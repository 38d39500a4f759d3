import CSIMD

// What the machine can do at most: what the kernels are measured against.

extension Variant {
    /// Reads `count` bytes, a multiple of 1024, as fast as can be, and gives something that depends on all of them.
    @inline(never)
    public static func readStream(_ bytes: UnsafeRawPointer, count: Int) -> UInt64 {
        // So few that they stay in registers everywhere, and each line in one of its own place.
        var sums = InlineArray<4, SIMD8<UInt64>>(repeating: .zero)
        var next = bytes
        for _ in 0..<count / 256 {
            for i in 0..<4 {
                csimd_prefetch_l2(next, 8192 &+ 64 &* i)
                sums[i] |= (next + 64 &* i).loadUnaligned(as: SIMD8<UInt64>.self)
            }
            next += 256
        }
        var all = SIMD8<UInt64>.zero
        for i in 0..<4 { all |= sums[i] }
        let four = all.lowHalf | all.highHalf
        return four.x | four.y | four.z | four.w
    }

    /// Does `rounds` rounds of fused multiply-adds, all in registers; gives something that depends on all of them.
    @inline(never)
    public static func multiplyAddPeak(rounds: Int, factor: Float) -> Float {
        PeakChains.multiplyAdds(rounds, SIMD16(repeating: factor))
    }

    /// The same with dot products of four unsigned and four signed bytes, taken from 1024 bytes of operands: 64 weights
    /// up to 15 for each chain, and from byte 768 on 64 times four activations, in turn.
    @inline(never)
    public static func dotPeak(rounds: Int, operands: UnsafeRawPointer) -> Int32 { DotChains.dots(rounds, operands) }

    /// Multiply-adds of a round: of floats, and of bytes.
    public static var multiplyAddsPerRound: (floats: Int, bytes: Int) {
        (PeakChains.laneTotal, 4 &* DotChains.laneTotal)
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

    /// Weights differ from chain to chain and activations from round to round: where a dot product is several
    /// instructions, the compiler would else do all but the last of them once, for all chains or before the first round.
    @inline(__always)
    static func dots(_ rounds: Int, _ operands: UnsafeRawPointer) -> Int32 {
        var sums = InlineArray<count, SIMD16<Int32>>(repeating: .zero)
        for round in 0..<rounds {
            let activations = (operands + (768 &+ 4 &* (round & 63))).loadUnaligned(as: Int32.self)
            for i in 0..<count {
                let weights = (operands + 64 &* i).loadUnaligned(as: SIMD64<UInt8>.self)
                sums[i] = dotOfSmall(sums[i], weights, activations)
            }
        }
        var all = SIMD16<Int32>.zero
        for i in 0..<count { all &+= sums[i] }
        return sum16(all)
    }
}
