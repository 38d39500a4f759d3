import Messages

/// One request as its client saw it. Times are in seconds from any start that all requests of a measurement share.
package struct MeasuredRequest: Sendable {
    package var promptTokens: Int
    package var sent: Double
    /// Tokens of the answer, and when each was there.
    package private(set) var tokens: [Int32] = []
    package private(set) var times: [Double] = []
    /// When it was complete, or had failed; nil while it runs.
    package var ended: Double?
    /// Why it failed, in one line.
    package var failure: String?

    package init(promptTokens: Int, sent: Double) {
        self.promptTokens = promptTokens
        self.sent = sent
    }

    package mutating func append(_ new: [Int32], at time: Double) {
        tokens += new
        times += new.map { _ in time }
    }

    package var firstTokenSeconds: Double? { times.first.map { $0 - sent } }

    /// Where two answers to the same request differ first; nil where they are equal.
    package func difference(from other: MeasuredRequest) -> Int? {
        guard tokens != other.tokens else { return nil }
        return zip(tokens, other.tokens).enumerated().first { $1.0 != $1.1 }?.offset
            ?? min(tokens.count, other.tokens.count)
    }
}
