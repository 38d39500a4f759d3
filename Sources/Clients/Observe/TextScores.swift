import Foundation
import Messages

/// A text's tokens with their log-probabilities.
package struct TextScores {
    private var tokens: [Int32] = []
    private var results: [TokenResult?] = []
    /// Of the arithmetic that computed them.
    package var numericsVersion: UInt32 = 0

    package init() {}

    package mutating func append(_ piece: ScorePiece) {
        if let token = piece.unscoredToken {
            tokens.append(token)
            results.append(nil)
        }
        tokens += piece.scores.map(\.token)
        results += piece.scores
    }

    /// Tokens so far, scored or not.
    package var count: Int { tokens.count }

    private var scored: [Float] { results.compactMap { $0?.logprob } }

    /// exp of the mean negative log-probability of the scored tokens; nil where none is.
    package var perplexity: Double? {
        guard !scored.isEmpty else { return nil }
        return exp(-scored.reduce(0) { $0 + Double($1) } / Double(scored.count))
    }

    /// For people.
    package var summary: String {
        guard let perplexity else { return "\(tokens.count) tokens, none of them scored" }
        return String(
            format: "%d tokens, %d scored; %.4f a token, perplexity %.3f", tokens.count, scored.count,
            -log(perplexity), perplexity)
    }

    /// As one JSON object.
    package struct Line: Encodable {
        let tokens: [Int32]
        let logprobs: [Float?]
        let perplexity: Double?
        let numericsVersion: UInt32
        let alternatives: [[TokenLine.Alternative]]?

        private enum CodingKeys: CodingKey {
            case tokens, logprobs, perplexity, numericsVersion, alternatives
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(tokens, forKey: .tokens)
            try container.encode(logprobs, forKey: .logprobs)
            // null, and not left out, where no token has a log-probability.
            try container.encode(perplexity, forKey: .perplexity)
            try container.encode(numericsVersion, forKey: .numericsVersion)
            try container.encodeIfPresent(alternatives, forKey: .alternatives)
        }
    }

    package func line(alternatives: Bool) -> Line {
        Line(
            tokens: tokens, logprobs: results.map { $0?.logprob }, perplexity: perplexity,
            numericsVersion: numericsVersion,
            alternatives: alternatives ? results.map { $0.map { TokenLine($0).alternatives } ?? [] } : nil)
    }
}
