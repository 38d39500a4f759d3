/// Independent chains of sums: enough to hide the latency of all multipliers, and few enough to stay in registers.
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

    /// Weights differ between chains and activations between rounds. Otherwise, where a dot product takes several
    /// instructions, the compiler would hoist all but the last out of the loop.
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
