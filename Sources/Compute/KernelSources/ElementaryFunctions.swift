// exp, log, tanh and erf on 16 lanes. They use only IEEE additions, fused multiply-adds, divisions and integer
// operations, so that every machine gives the same bits. The coefficients come from
// scripts/fixtures/fit-elementary-functions.py.

/// 1.5 × 2²³. Adding it to a small float rounds that to the nearest integer, ties to even, which is then in the low
/// bits of the sum.
let roundingShift: Float = 0x1.8p23
private let ln2High: Float = 0x1.62e43p-1
private let ln2Low: Float = -0x1.05c61p-29

@inline(__always)
private func bits(_ x: SIMD16<Float>) -> SIMD16<Int32> { unsafeBitCast(x, to: SIMD16<Int32>.self) }

@inline(__always)
private func floats(_ bits: SIMD16<Int32>) -> SIMD16<Float> { unsafeBitCast(bits, to: SIMD16<Float>.self) }

@inline(__always)
private func splat(_ value: Float) -> SIMD16<Float> { SIMD16(repeating: value) }

@inline(__always)
private func splat(_ value: Int32) -> SIMD16<Int32> { SIMD16(repeating: value) }

/// All ones in the lanes that are negative, else zeros.
@inline(__always)
private func sign(_ x: SIMD16<Int32>) -> SIMD16<Int32> { x &>> splat(Int32(31)) }

/// The lanes of `a` where `mask` is all ones, those of `b` where it is zeros. For masks made by comparing floats the
/// compiler would process four lanes at a time.
@inline(__always)
private func select(_ mask: SIMD16<Int32>, _ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
    floats((bits(a) & mask) | (bits(b) & ~mask))
}

/// a × b + c, rounded once.
@inline(__always)
private func fused(_ a: SIMD16<Float>, _ b: SIMD16<Float>, _ c: SIMD16<Float>) -> SIMD16<Float> {
    c.addingProduct(a, b)
}

/// a × b + c, rounded once.
@inline(__always)
private func fused(_ a: SIMD16<Float>, _ b: SIMD16<Float>, _ c: Float) -> SIMD16<Float> {
    splat(c).addingProduct(a, b)
}

/// x where it is above 0 or NaN, else +0.
@inline(__always)
func vectorPositivePart(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let magnitude = bits(x) & splat(Int32.max)
    let isNumber = sign(magnitude &- splat(Float.infinity.bitPatternSigned &+ 1))
    return floats(bits(x) & ~(sign(bits(x)) & isNumber))
}

/// 2ⁿ for n in [-126, 127].
@inline(__always)
private func powerOfTwo(_ n: SIMD16<Int32>) -> SIMD16<Float> { floats((n &+ splat(Int32(127))) &<< splat(Int32(23))) }

/// Splits x into n × ln 2 + r with |r| ≤ ln 2 / 2 and gives n and eʳ - 1; for |x| below 2²⁰.
@inline(__always)
private func reducedExponential(_ x: SIMD16<Float>) -> (exponent: SIMD16<Int32>, minusOne: SIMD16<Float>) {
    let shifted = fused(x, splat(Float(0x1.715476p0)), roundingShift)
    let n = shifted - splat(roundingShift)
    let r = fused(n, splat(-ln2Low), fused(n, splat(-ln2High), x))
    var q = fused(splat(Float(0x1.6d5f64p-10)), r, 0x1.1227acp-7)
    q = fused(q, r, 0x1.5554dap-5)
    q = fused(q, r, 0x1.5554bp-3)
    q = fused(q, r, 0x1p-1)
    return (bits(shifted) &- splat(roundingShift.bitPatternSigned), fused(q, r * r, r))
}

extension Float {
    /// The bit pattern as a signed integer, for lane arithmetic on exponents.
    fileprivate var bitPatternSigned: Int32 {
        @inline(__always) get { Int32(bitPattern: bitPattern) }
    }
}

/// x limited to [-104, 89]; NaN stays. Beyond these bounds eˣ is 0 or infinity anyway, and within them 2ⁿ is a product
/// of two powers of two that floats can hold.
@inline(__always)
private func clampedExponent(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let (high, low) = (Float(89).bitPatternSigned, Float(104).bitPatternSigned)
    let magnitude = bits(x) & splat(Int32.max)
    let limit = splat(high) &+ (sign(bits(x)) & splat(low &- high))
    let beyond = sign(limit &- magnitude) & sign(magnitude &- splat(Float.infinity.bitPatternSigned &+ 1))
    return select(beyond, floats(limit | (bits(x) & splat(Int32.min))), x)
}

/// eˣ within 1.1 ulp; infinity above 88.7228, gradually to 0 below -87.3; NaN stays NaN.
@inline(__always)
func vectorExp(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let (n, minusOne) = reducedExponential(clampedExponent(x))
    // In two factors, since 2ⁿ may be out of range where the result is not.
    let half = n &>> splat(Int32(1))
    return (splat(Float(1)) + minusOne) * powerOfTwo(half) * powerOfTwo(n &- half)
}

/// Natural logarithm within 1 ulp, subnormal numbers too; log(±0) = -infinity, log(x < 0) = NaN, NaN stays NaN.
@inline(__always)
func vectorLog(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let magnitude = bits(x) & splat(Int32.max)
    let subnormal = sign(bits(x) &- splat(Float.leastNormalMagnitude.bitPatternSigned))
    let scaled = bits(x * select(subnormal, splat(Float(0x1p23)), splat(Float(1))))
    // x = 2ᵏ × m with m in [√½, √2).
    let k = (scaled &- splat(Float(0x1.6a09e6p-1).bitPatternSigned)) &>> splat(Int32(23))
    let f = floats(scaled &- (k &<< splat(Int32(23)))) - splat(Float(1))
    let unscaled = k &- (subnormal & splat(Int32(23)))
    let exponent = floats(unscaled &+ splat(roundingShift.bitPatternSigned)) - splat(roundingShift)

    var q = fused(splat(Float(-0x1.38c9dep-4)), f, 0x1.055ec6p-3)
    q = fused(q, f, -0x1.0d8242p-3)
    q = fused(q, f, 0x1.22d92ep-3)
    q = fused(q, f, -0x1.54728ap-3)
    q = fused(q, f, 0x1.99a01cp-3)
    q = fused(q, f, -0x1.000226p-2)
    q = fused(q, f, 0x1.555554p-2)
    q = fused(q, f, -0.5)
    let fraction = fused(q, f * f, f)
    let result = fused(exponent, splat(ln2High), fused(exponent, splat(ln2Low), fraction))

    let notFinite = sign(splat(Float.greatestFiniteMagnitude.bitPatternSigned) &- magnitude)
    let zero = sign(magnitude &- splat(Int32(1)))
    let ordered = select(zero, splat(-Float.infinity), select(notFinite, x, result))
    // All ones in the exponent and in the first bit of the fraction turn any float into NaN.
    let negative = sign(bits(x)) & ~zero
    return floats(bits(ordered) | (negative & splat(Float.nan.bitPatternSigned)))
}

/// Hyperbolic tangent within 2.5 ulp; ±1 at ±infinity, odd (also for -0), NaN stays NaN.
@inline(__always)
func vectorTanh(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let signBit = bits(x) & splat(Int32.min)
    let magnitude = bits(x) & splat(Int32.max)
    // From 9.02 on tanh rounds to 1, as the quotient at 10 does. NaN stays.
    let limit = splat(Float(10))
    let beyond =
        sign(bits(limit) &- magnitude) & sign(magnitude &- splat(Float.infinity.bitPatternSigned &+ 1))
    let clamped = select(beyond, limit, floats(magnitude))
    let (n, minusOne) = reducedExponential(clamped + clamped)
    // e²ˣ - 1 without cancellation is 2ⁿ (eʳ - 1) + (2ⁿ - 1); then tanh x = (e²ˣ - 1) / ((e²ˣ - 1) + 2).
    let scale = powerOfTwo(n)
    let numerator = fused(scale, minusOne, scale - splat(Float(1)))
    let quotient = numerator / (numerator + splat(Float(2)))
    return floats(bits(quotient) | signBit)
}

/// Error function within 1.1 ulp; ±1 at ±infinity, odd (also for -0), NaN stays NaN.
@inline(__always)
func vectorErf(_ x: SIMD16<Float>) -> SIMD16<Float> {
    let signBit = bits(x) & splat(Int32.min)
    let magnitude = floats(bits(x) & splat(Int32.max))
    let one = splat(Float(1))

    // |x| < 1: x + x p(x²).
    let square = x * x
    var p = fused(splat(Float(0x1.4771fcp-14)), square, -0x1.a3515ep-11)
    p = fused(p, square, 0x1.53f224p-8)
    p = fused(p, square, -0x1.b7f71ap-6)
    p = fused(p, square, 0x1.ce2ce6p-4)
    p = fused(p, square, -0x1.81273ep-2)
    p = fused(p, square, 0x1.06eba8p-3)
    let small = fused(p, x, x)

    // |x| ≥ 1: 1 - exp(-g(|x|)), 1 from 3.92 on.
    let limit = splat(Float(4))
    let clamped = magnitude.replacing(with: limit, where: magnitude .> limit)
    var g = fused(splat(Float(-0x1.8530c6p-13)), clamped, 0x1.814e08p-9)
    g = fused(g, clamped, -0x1.65426ap-6)
    g = fused(g, clamped, 0x1.a60a9p-4)
    g = fused(g, clamped, 0x1.46c584p-1)
    g = fused(g, clamped, 0x1.2085b2p0)
    g = fused(g, clamped, 0x1.72e6dcp-12)
    let large = one - vectorExp(splat(Float(0)) - g)
    let isLarge = sign(splat(Float(1).nextDown.bitPatternSigned) &- bits(magnitude))
    return select(isLarge, floats(bits(large) | signBit), small)
}
