import Kernels

/// Numbers of the standard normal distribution, each a function of the seed and its index only: the same on every
/// machine, in any order, on any number of threads.
///
/// The bits are those of SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014), whose
/// state is a counter. The distribution's inverse is taken by the polynomials of Giles, Approximating the erfinv
/// function (2010), of 32 bits: numbers lie between -6.34 and 6.34, right to some 10⁻⁷ up to 5 and 4·10⁻⁴ at the ends.
struct NormalNumbers {
    private let start: UInt64

    init(seed: UInt64) {
        // Mixed, or seeds that differ by a multiple of the increment would give shifted copies.
        start = Self.mix(seed)
    }

    /// The numbers of these indices, times `scale`.
    func values(_ indices: Range<Int>, scale: Float) -> [Float] {
        let words = indices.map { bits($0) }
        // The probability of what lies beyond the number, from 2⁻³³ to ½; the sign is a bit of its own, so that the far
        // tails lose nothing to rounding.
        let tails = words.map { (Float($0 >> 1) + 0.5) * 0x1p-32 }
        let products = tails.map { 4 * $0 * (1 - $0) }
        let logarithms = VectorMath.log(products.span)
        return words.indices.map { index in
            let magnitude = Self.inverseErrorFunction(1 - 2 * tails[index], logarithm: logarithms[index])
            let factor = words[index] & 1 == 0 ? scale : -scale
            return factor * Float(2).squareRoot() * magnitude
        }
    }

    private func bits(_ index: Int) -> UInt32 {
        let counter = start &+ UInt64(truncatingIfNeeded: index &+ 1) &* 0x9E37_79B9_7F4A_7C15
        return UInt32(truncatingIfNeeded: Self.mix(counter) >> 32)
    }

    private static func mix(_ state: UInt64) -> UInt64 {
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    private static let central: [Float] = [
        2.810_226_36e-08, 3.432_739_39e-07, -3.523_387_7e-06, -4.391_506_54e-06, 0.000_218_580_87,
        -0.001_253_725_03, -0.004_177_681_640, 0.246_640_727, 1.501_409_41,
    ]
    private static let outer: [Float] = [
        -0.000_200_214_257, 0.000_100_950_558, 0.001_349_343_22, -0.003_673_428_44, 0.005_739_507_73,
        -0.007_622_461_3, 0.009_438_870_47, 1.001_674_06, 2.832_976_82,
    ]

    /// The number whose error function is `x`, where `logarithm` is that of 1 - x².
    private static func inverseErrorFunction(_ x: Float, logarithm: Float) -> Float {
        let isCentral = logarithm > -5
        let argument = isCentral ? -logarithm - 2.5 : (-logarithm).squareRoot() - 3
        let coefficients = isCentral ? central : outer
        return x * coefficients.reduce(0) { $0 * argument + $1 }
    }
}
