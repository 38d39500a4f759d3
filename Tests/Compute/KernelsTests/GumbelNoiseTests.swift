import Foundation
import Kernels
import Testing

@Suite("Noise for sampling")
struct GumbelNoiseTests {
    @Test("Philox4x32-10 gives the known answers of the Random123 library")
    func knownAnswers() {
        let zeros = GumbelNoise.philox(counter: (0, 0, 0, 0), key: 0)
        #expect(zeros == (0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
        let ones = GumbelNoise.philox(counter: (.max, .max, .max, .max), key: .max)
        #expect(ones == (0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
        let pi = GumbelNoise.philox(
            counter: (0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), key: 0x299F_31D0_A409_3822)
        #expect(pi == (0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
    }

    @Test("a token's noise is -log(-log(u)) of the 64 bits its counter gives, whatever other tokens stand beside it")
    func definition() {
        let seed: UInt64 = 0x0123_4567_89AB_CDEF
        for length in 0...40 {
            let tokens = (0..<length).map { Int32(($0 * 7_919) % 50_257) }
            let noise = GumbelNoise.values(tokens: tokens.span, seed: seed, sequenceIndex: 3, position: 77)
            #expect(noise.count == length)
            for (token, value) in zip(tokens, noise) {
                let words = GumbelNoise.philox(
                    counter: (UInt32(token), 77, 3, GumbelNoise.domain), key: seed)
                let exact = exactNoise(words.0, words.1)
                #expect(abs(Double(value) - exact) < 1e-6 * max(1, abs(exact)), "token \(token) of \(length)")
            }
        }
    }

    @Test("the tails reach as far as their probabilities of 2⁻⁶⁵ demand, and nothing is infinite or NaN")
    func tails() {
        // The extremes of the 64 bits and of their halves, and bits around the places where rounding changes.
        let words: [UInt32] = [0, 1, 2, 0xFF, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 31) + 1, .max - 1, .max]
        for high in words {
            for low in words {
                let value = GumbelNoise.noise(high: high, low: low)
                let exact = exactNoise(high, low)
                #expect(abs(Double(value) - exact) < 1e-6 * max(1, abs(exact)), "words \(high), \(low)")
            }
        }
        #expect(abs(GumbelNoise.noise(high: 0, low: 0) - 45.05) < 0.01)
        #expect(abs(GumbelNoise.noise(high: .max, low: .max) + 3.81) < 0.01)
    }

    @Test("two million values have the distribution's mean, variance and quantiles")
    func distribution() {
        let tokens = (0..<50_000).map(Int32.init)
        var values: [Float] = []
        for position in 0..<40 {
            values += GumbelNoise.values(
                tokens: tokens.span, seed: 42, sequenceIndex: 0, position: UInt32(position))
        }
        let count = Double(values.count)
        let mean = values.reduce(0) { $0 + Double($1) } / count
        let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        #expect(abs(mean - 0.577_215_66) < 0.004)
        #expect(abs(variance - .pi * .pi / 6) < 0.01)
        for quantile in [-1.5, -0.5, 0.0, 0.5, 1, 2, 4, 8, 11] {
            let expected = Foundation.exp(-Foundation.exp(-quantile)) * count
            let below = Double(values.count { Double($0) <= quantile })
            let deviation = (expected * (1 - expected / count)).squareRoot()
            #expect(abs(below - expected) < 5 * deviation, "at \(quantile)")
        }
    }

    @Test("seed, sequence index, position and token each change the noise")
    func independence() {
        func noise(_ token: Int32, _ seed: UInt64, _ sequence: UInt32, _ position: UInt32) -> Float {
            GumbelNoise.values(tokens: [token].span, seed: seed, sequenceIndex: sequence, position: position)[0]
        }
        let all = [
            noise(5, 9, 1, 2), noise(6, 9, 1, 2), noise(5, 10, 1, 2), noise(5, 9 + 1 << 32, 1, 2), noise(5, 9, 2, 2),
            noise(5, 9, 1, 3), noise(5, 9, 2, 1),
        ]
        #expect(Set(all).count == all.count)
    }

    /// -log(-log(1 - v)) with v = (K + ½) ÷ 2⁶⁴, through whichever of v and 1 - v is small.
    private func exactNoise(_ high: UInt32, _ low: UInt32) -> Double {
        let bits = UInt64(high) << 32 | UInt64(low)
        func fraction(_ bits: UInt64) -> Double { (Double(bits) + 0.5) * 0x1p-64 }
        let exponential = high < 1 << 31 ? -log1p(-fraction(bits)) : -Foundation.log(fraction(~bits))
        return -Foundation.log(exponential)
    }
}
