import Foundation

/// A small seeded generator, so that a failing case can be had again.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// Logits spread like those of a language model, some of them equal.
    mutating func logits(_ count: Int) -> [Float] {
        var logits = (0..<count).map { _ in
            let radius = (-2 * Foundation.log(Double.random(in: 1e-12...1, using: &self))).squareRoot()
            return Float(radius * cos(2 * .pi * Double.random(in: 0...1, using: &self)) * 3 - 30)
        }
        for _ in 0..<(count / 4) {
            logits[Int.random(in: 0..<count, using: &self)] = logits[Int.random(in: 0..<count, using: &self)]
        }
        return logits
    }
}
