import Foundation
import Messages

/// How long a generation took, for people: tokens, time to the first, speed after it, seed.
package struct GenerationStatistics {
    private let begin: ContinuousClock.Instant
    private var first: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?
    private var tokensAfterFirst = 0
    private var tokens = 0
    private var seed: UInt64?

    /// - Parameter begin: when the request was sent.
    package init(begin: ContinuousClock.Instant) { self.begin = begin }

    package mutating func add(_ piece: Piece, at time: ContinuousClock.Instant) {
        guard !piece.tokens.isEmpty else { return }
        if first == nil { first = time } else { tokensAfterFirst += piece.tokens.count }
        last = time
    }

    package mutating func add(_ done: Done) {
        tokens += Int(done.generatedTokens)
        seed = done.seed
    }

    /// One line.
    package var text: String {
        var parts = ["\(tokens) \(tokens == 1 ? "token" : "tokens")"]
        if let first { parts.append(String(format: "first after %.2f s", (first - begin) / .seconds(1))) }
        if let first, let last, last > first {
            parts.append(String(format: "%.1f tok/s", Double(tokensAfterFirst) / ((last - first) / .seconds(1))))
        }
        if let seed { parts.append("seed \(seed)") }
        return parts.joined(separator: ", ")
    }
}
