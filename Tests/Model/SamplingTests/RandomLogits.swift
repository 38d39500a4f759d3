import Foundation
import TestSupport

extension SplitMix64 {
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
