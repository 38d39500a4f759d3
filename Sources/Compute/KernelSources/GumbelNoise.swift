// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (2011), and Gumbel
// noise from its words. The counter identifies a word, so noise needs no state and no order.

private typealias Lanes = SIMD16<UInt32>

/// Four 32-bit words for each of 8 lanes, in the lower halves of 64-bit elements; the upper halves are ignored. This is
/// the layout that the widening multiplication instruction takes and produces, so no shuffles are needed.
private typealias Words = (SIMD8<UInt64>, SIMD8<UInt64>, SIMD8<UInt64>, SIMD8<UInt64>)

extension Variant {
    /// Writes the Gumbel noise of `count` tokens: -log(-log(u)), where u = 1 - (K + ½) ÷ 2⁶⁴. K is the first two words
    /// of the Philox block with the given key and the counter (token, `counter`).
    @inline(never)
    public static func gumbelNoise(
        tokens: UnsafePointer<Int32>, _ output: UnsafeMutablePointer<Float>, count: Int, key: UInt64,
        counter: (UInt32, UInt32, UInt32)
    ) {
        var index = 0
        while index &+ 16 <= count {
            let block = UnsafeRawPointer(tokens + index).loadUnaligned(as: Lanes.self)
            let values = noise(ofTokens: block, key: key, counter: counter)
            UnsafeMutableRawPointer(output + index).storeBytes(of: values, as: SIMD16<Float>.self)
            index &+= 16
        }
        guard index < count else { return }
        let bytes = (count &- index) &* MemoryLayout<Float>.stride
        var block = Lanes.zero
        withUnsafeMutablePointer(to: &block) {
            UnsafeMutableRawPointer($0).copyMemory(from: tokens + index, byteCount: bytes)
        }
        let values = noise(ofTokens: block, key: key, counter: counter)
        withUnsafePointer(to: values) { UnsafeMutableRawPointer(output + index).copyMemory(from: $0, byteCount: bytes) }
    }

    /// The block of Philox4x32-10 for one counter; the first key word is the lower half of `key`.
    @inline(never)
    public static func philox4x32(counter: (UInt32, UInt32, UInt32, UInt32), key: UInt64) -> (
        UInt32, UInt32, UInt32, UInt32
    ) {
        let words = philox((splat(counter.0), splat(counter.1), splat(counter.2), splat(counter.3)), key: key)
        return (
            UInt32(truncatingIfNeeded: words.0[0]), UInt32(truncatingIfNeeded: words.1[0]),
            UInt32(truncatingIfNeeded: words.2[0]), UInt32(truncatingIfNeeded: words.3[0])
        )
    }

    /// The noise of one token whose words are `high` and `low`.
    @inline(never)
    public static func gumbelNoise(high: UInt32, low: UInt32) -> Float {
        gumbel(Lanes(repeating: high), Lanes(repeating: low))[0]
    }
}

@inline(__always)
private func noise(
    ofTokens tokens: Lanes, key: UInt64, counter: (UInt32, UInt32, UInt32)
) -> SIMD16<Float> {
    let pairs = unsafeBitCast(tokens, to: SIMD8<UInt64>.self)
    let rest = (splat(counter.0), splat(counter.1), splat(counter.2))
    let even = philox((pairs, rest.0, rest.1, rest.2), key: key)
    let odd = philox((pairs &>> splat(32), rest.0, rest.1, rest.2), key: key)
    return gumbel(interleave(even.0, odd.0), interleave(even.1, odd.1))
}

@inline(__always)
private func splat(_ word: UInt32) -> SIMD8<UInt64> { SIMD8(repeating: UInt64(word)) }

/// The lower halves of both, interleaved.
@inline(__always)
private func interleave(_ even: SIMD8<UInt64>, _ odd: SIMD8<UInt64>) -> Lanes {
    unsafeBitCast((even & splat(.max)) | (odd &<< splat(32)), to: Lanes.self)
}

/// Ten rounds.
@inline(__always)
private func philox(_ counter: Words, key: UInt64) -> Words {
    var words = counter
    var firstKey = SIMD8<UInt64>(repeating: key)
    var secondKey = SIMD8<UInt64>(repeating: key &>> 32)
    for _ in 0..<10 {
        let first = (words.0 & splat(.max)) &* splat(0xD251_1F53)
        let second = (words.2 & splat(.max)) &* splat(0xCD9E_8D57)
        words = (
            (second &>> splat(32)) ^ words.1 ^ firstKey, second,
            (first &>> splat(32)) ^ words.3 ^ secondKey, first
        )
        firstKey &+= splat(0x9E37_79B9)
        secondKey &+= splat(0xBB67_AE85)
    }
    return words
}

/// -log(-log(1 - v)) with v = (K + ½) ÷ 2⁶⁴.
///
/// Whichever of v and 1 - v is nearer to 0 is computed without loss. The logarithm is taken of that value or of its
/// complement, whose rounding error is then put back. So both tails are accurate to Float's precision down to
/// probabilities of 2⁻⁶⁵; the noise ranges from -3.8 to 45.
@inline(__always)
private func gumbel(_ high: Lanes, _ low: Lanes) -> SIMD16<Float> {
    let upper = unsafeBitCast(unsafeBitCast(high, to: SIMD16<Int32>.self) &>> SIMD16(repeating: 31), to: Lanes.self)
    let fine = SIMD16<Float>(repeating: 0x1p-65).addingProduct(float(low ^ upper), SIMD16(repeating: 0x1p-64))
    let smaller = fine.addingProduct(float(high ^ upper), SIMD16(repeating: 0x1p-32))

    let one = SIMD16<Float>(repeating: 1)
    let complement = one - smaller
    // To first order log(complement - error) = log(complement) - error, and the error is under 2⁻²⁵.
    let error = smaller - (one - complement)
    let argument = (bits(smaller) & upper) | (bits(complement) & ~upper)
    let correction = floats(bits(error) & ~upper)
    return SIMD16<Float>.zero - vectorLog(correction - vectorLog(floats(argument)))
}

/// The nearest floats. Each half of a word becomes the fraction of 2²³, from which it converts exactly.
@inline(__always)
private func float(_ words: Lanes) -> SIMD16<Float> {
    let base = SIMD16<Float>(repeating: 0x1p23)
    let low = floats((words & Lanes(repeating: 0xFFFF)) | bits(base)) - base
    let high = floats((words &>> Lanes(repeating: 16)) | bits(base)) - base
    return low.addingProduct(high, SIMD16(repeating: 0x1p16))
}

@inline(__always)
private func bits(_ x: SIMD16<Float>) -> Lanes { unsafeBitCast(x, to: Lanes.self) }

@inline(__always)
private func floats(_ bits: Lanes) -> SIMD16<Float> { unsafeBitCast(bits, to: SIMD16<Float>.self) }
