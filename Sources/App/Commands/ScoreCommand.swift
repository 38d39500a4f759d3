import ArgumentParser
import Console
import Foundation
import Messages
import Observe
import Sessions

/// `paceline score`
struct ScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Says how likely the model finds a text, token by token.",
        discussion: """
            The log-probability of each token given all before it; the first has none unless --bos puts <|endoftext|> \
            before it. At most 2 MB of text are taken. A text longer than the context is scored in windows that advance by \
            --stride; each token is scored once, with all the context its window gives.

            Example:
              paceline score --file text.txt --json
              paceline tokenize "some text" | paceline score --ids -
            """)

    @OptionGroup var input: PromptOptions

    @Option(name: .long, help: .init("How far windows advance. (default: half the context)", valueName: "count"))
    var stride: Int?

    @Flag(name: .long, help: "Put <|endoftext|> before the text, so that its first token is scored too.")
    var bos = false

    @Option(name: .long, help: .init("With --json: so many of the likeliest tokens at each place.", valueName: "count"))
    var alternatives: Int = 0

    @Flag(name: .long, help: "One JSON object: tokens, logprobs, perplexity, numerics_version.")
    var json = false

    @OptionGroup var priority: PriorityOption

    @OptionGroup var target: TargetOptions

    func validate() throws {
        if input.text.isMissing {
            throw ValidationError("give a text, or a file with --file (- for standard input)")
        }
        if input.text.allowEmpty { throw ValidationError("--allow-empty: an empty text has nothing to score") }
        try target.refuse(priority)
        if let stride, !(1...1_000_000).contains(stride) { throw ValidationError("--stride must be 1 or more") }
        guard (0...20).contains(alternatives) else { throw ValidationError("--alternatives must be between 0 and 20") }
        if alternatives > 0 && !json { throw ValidationError("--alternatives goes with --json") }
    }

    func run() async throws {
        let request = Score(
            requestID: 0, prompt: try input.prompt(mayBeEmpty: false),
            stride: stride.map { UInt32($0) }, beginWithEndOfText: bos,
            alternatives: UInt32(alternatives), priority: priority.wire)
        let scores: TextScores = try await target.withSession { try await self.scores(request, by: $0) }
        try json
            ? JSONLine.write(scores.line(alternatives: alternatives > 0)) : StandardOutput.writeLine(scores.summary)
    }

    private func scores(_ request: Score, by session: any TextService) async throws -> TextScores {
        return try await cancelledByInterrupt { () async throws -> TextScores in
            var scores = TextScores()
            var total = 0
            let bar = ProgressBar("scoring")
            defer { bar.finish() }
            for try await event in session.score(request) {
                switch event {
                case .accepted(let accepted):
                    WarningLines().show(accepted.warnings)
                    scores.numericsVersion = accepted.numericsVersion
                    total = Int(accepted.promptTokens)
                case .piece(let piece):
                    scores.append(piece)
                    bar.update(min(scores.count, total), of: total)
                case .done(let done): if done.reason == .cancelled { throw ExitCode(ExitStatus.failed) }
                }
            }
            return scores
        }
    }
}
