import CSIMD

// The machine's limits, which the other kernels are measured against.

extension Variant {
    /// Reads `count` bytes, a multiple of 1024, as fast as possible. Returns a value that depends on all of them, so
    /// that no read is optimised away.
    @inline(never)
    public static func readStream(_ bytes: UnsafeRawPointer, count: Int) -> UInt64 {
        // Few enough to stay in registers with any instruction set; each line of a step goes to a sum of its own.
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

    /// Performs `rounds` rounds of fused multiply-adds in registers. Returns a value that depends on all of them.
    @inline(never)
    public static func multiplyAddPeak(rounds: Int, factor: Float) -> Float {
        PeakChains.multiplyAdds(rounds, SIMD16(repeating: factor))
    }

    /// The same with dot products of four unsigned and four signed bytes, taken from 1024 bytes of operands: 64 weights
    /// up to 15 for each chain, and from byte 768 on 64 groups of four activations, used in turn.
    @inline(never)
    public static func dotPeak(rounds: Int, operands: UnsafeRawPointer) -> Int32 { DotChains.dots(rounds, operands) }

    /// Multiply-adds in a round: of floats and of bytes.
    public static var multiplyAddsPerRound: (floats: Int, bytes: Int) {
        (PeakChains.laneTotal, 4 &* DotChains.laneTotal)
    }
}
