import ArgumentParser
import Client
import Foundation
import Messages
import Sessions

/// `paceline score`
struct ScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Says how likely the model finds a text, token by token.",
        discussion: """
            The log-probability of each token given all before it; the first has none unless --bos puts <|endoftext|> \
            before it. At most 2 MB of text are taken. A text longer than the context is scored in windows that advance by --stride; each token is \
            scored once, with all the context its window gives.

            Example:
              paceline score --file text.txt --json
            """)

    @Argument(help: "The text to score.")
    var text: String?

    @Option(name: .long, help: "A file with the text; - is standard input.")
    var file: String?

    @Option(name: .long, help: "How far windows advance. (default: half the context)")
    var stride: Int?

    @Flag(name: .long, help: "Put <|endoftext|> before the text, so that its first token is scored too.")
    var bos = false

    @Option(name: .long, help: "With --json: so many of the likeliest tokens at each place.")
    var alternatives: Int = 0

    @Flag(name: .long, help: "One JSON object: tokens, logprobs, perplexity.")
    var json = false

    @OptionGroup var priority: PriorityOption

    @OptionGroup var target: TargetOptions

    func validate() throws {
        guard (text == nil) != (file == nil) else {
            throw ValidationError("give a text, or a file with --file (- for standard input)")
        }
        if let stride, !(1...1_000_000).contains(stride) { throw ValidationError("--stride must be 1 or more") }
        guard (0...20).contains(alternatives) else { throw ValidationError("--alternatives must be between 0 and 20") }
        if alternatives > 0 && !json { throw ValidationError("--alternatives goes with --json") }
    }

    func run() async throws {
        let bytes = try file.map { try InputText.read(file: $0) } ?? Array((text ?? "").utf8)
        let request = Score(
            requestID: 1, prompt: Prompt(content: .text(bytes), allowEndOfText: false),
            stride: stride.map { UInt32($0) }, beginWithEndOfText: bos, alternatives: UInt32(alternatives),
            priority: priority.wire)
        let channel = try target.channel()
        let scores = try await ScoringRun(channel: channel, request: request).run()
        await channel.close()
        try json
            ? JSONLine.write(scores.line(alternatives: alternatives > 0)) : StandardOutput.writeLine(scores.summary)
    }
}

/// One `Score` from the request to its last answer.
struct ScoringRun {
    let channel: any RequestChannel
    let request: Score

    /// - Throws: ``RequestError`` with the cluster's own words, `ClientError`; `ExitCode` after ^C.
    func run() async throws -> TextScores {
        let requestID = request.requestID
        let channel = channel
        var scores = TextScores()
        channel.send(.score(request))
        let interrupts = InterruptWatch { channel.send(.cancel(requestID: requestID)) }
        defer { interrupts.end() }
        for try await reply in channel.replies {
            switch reply {
            case .scorePiece(let piece) where piece.requestID == requestID:
                scores.append(piece)
                channel.send(.credit(requestID: requestID, pieces: 1))
            case .done(let done) where done.requestID == requestID:
                if done.reason == .cancelled { throw ExitCode(ExitStatus.failed) }
                return scores
            case .failure(let failure) where failure.requestID == requestID:
                throw RequestError(failure.message)
            default: break
            }
        }
        throw RequestError("the connection ended before the answer was complete")
    }
}

/// A text's tokens with their log-probabilities.
struct TextScores {
    private var tokens: [Int32] = []
    private var results: [TokenResult?] = []

    mutating func append(_ piece: ScorePiece) {
        if let token = piece.unscoredToken {
            tokens.append(token)
            results.append(nil)
        }
        tokens += piece.scores.map(\.token)
        results += piece.scores
    }

    private var scored: [Float] { results.compactMap { $0?.logprob } }

    /// exp of the mean negative log-probability of the scored tokens; nil where none is.
    var perplexity: Double? {
        guard !scored.isEmpty else { return nil }
        return exp(-scored.reduce(0) { $0 + Double($1) } / Double(scored.count))
    }

    /// For people.
    var summary: String {
        guard let perplexity else { return "\(tokens.count) tokens, none of them scored" }
        return String(
            format: "%d tokens, %d scored; %.4f a token, perplexity %.3f", tokens.count, scored.count,
            -log(perplexity), perplexity)
    }

    struct Line: Encodable {
        let tokens: [Int32]
        let logprobs: [Float?]
        let perplexity: Double?
        let alternatives: [[TokenLine.Alternative]]?

        private enum CodingKeys: CodingKey {
            case tokens, logprobs, perplexity, alternatives
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(tokens, forKey: .tokens)
            try container.encode(logprobs, forKey: .logprobs)
            // null, and not left out, where no token has a log-probability.
            try container.encode(perplexity, forKey: .perplexity)
            try container.encodeIfPresent(alternatives, forKey: .alternatives)
        }
    }

    func line(alternatives: Bool) -> Line {
        Line(
            tokens: tokens, logprobs: results.map { $0?.logprob }, perplexity: perplexity,
            alternatives: alternatives ? results.map { $0.map { TokenLine($0).alternatives } ?? [] } : nil)
    }
}
