import ArgumentParser
import Console
import Engine
import Messages
import Observe
import Sessions

/// `paceline generate`
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continues a text.",
        discussion: """
            The text goes to standard output as it is made, and nothing else does; several continuations follow one \
            another, and --json tells programs where each ends. ^C cancels the request. On a terminal the prompt is shown \
            before its continuation, and after it a line with tokens, speed and seed.

            Example:
              paceline generate "Once upon a time" --temperature 0.8 --top-k 40
              echo "a prompt" | paceline generate -
              paceline tokenize "a prompt" | paceline generate --ids -
            """)

    @OptionGroup var input: PromptOptions

    @Option(name: .long, help: .init("Tokens to write, at most.", valueName: "count"))
    var maxTokens: Int = 128

    @OptionGroup var sampling: SamplingOptions

    @Option(
        name: [.customShort("n"), .customLong("sequences")],
        help: .init("So many continuations of the same prompt.", valueName: "count"))
    var sequences: Int = 1

    @OptionGroup var ending: EndingOptions

    @Option(
        name: .long,
        help: .init("With --json: log-probability of each token, and so many alternatives.", valueName: "count"))
    var logprobs: Int?

    @Flag(name: .long, help: "One JSON object a line: one for each continuation, when it is complete.")
    var json = false

    @Flag(name: .long, help: "With --json: also one for each piece of text as it comes.")
    var stream = false

    @Flag(name: .long, help: "Put the prompt before each continuation, also where the output is no terminal.")
    var echo = false

    @Flag(inversion: .prefixedNo, help: "Tokens, speed and seed in the end. (default: on a terminal)")
    var stats: Bool?

    @Flag(name: .long, help: "Ask for one prompt after the other; ^D ends.")
    var interactive = false

    @OptionGroup var priority: PriorityOption

    @OptionGroup var target: TargetOptions

    func validate() throws {
        guard (0...1_000_000).contains(maxTokens) else {
            throw ValidationError("--max-tokens must be between 0 and 1000000")
        }
        let limits = RequestLimits()
        guard (1...limits.sequences).contains(sequences) else {
            throw ValidationError("-n must be between 1 and \(limits.sequences)")
        }
        if let logprobs, !(0...limits.alternatives).contains(logprobs) {
            throw ValidationError("--logprobs must be between 0 and \(limits.alternatives)")
        }
        if (stream || logprobs != nil) && !json { throw ValidationError("--stream and --logprobs go with --json") }
        if interactive && (!input.text.isMissing || input.ids) {
            throw ValidationError("--interactive asks for prompts itself; leave the prompt out")
        }
        if !interactive && input.text.isMissing {
            throw ValidationError(
                "a prompt is missing: give it as an argument, with --file, or - to read it from standard input")
        }
        try target.refuse(priority)
    }

    func run() async throws {
        let warnings = WarningLines()
        if interactive {
            return try await target.withSession { session in
                try await InteractiveLoop.run { line in
                    let prompt = Prompt(
                        content: .text(Array(line.utf8)), specialTokens: input.special.specialTokens)
                    _ = try await answer(prompt, by: session, warnings)
                }
            }
        }
        let prompt = try input.prompt()
        let isCancelled = try await target.withSession { session in
            try await answer(prompt, by: session, warnings)
        }
        if isCancelled { throw ExitCode(ExitStatus.failed) }
    }

    /// Sends the request and shows what comes until all its sequences have ended. ^C cancels it; then no more text is
    /// shown.
    /// - Returns: whether it was cancelled.
    /// - Throws: `RequestError` with the cluster's own words, `ClientError`, `OutputError`.
    private func answer(
        _ prompt: Prompt, by session: any TextService, _ warnings: WarningLines
    ) async throws -> Bool {
        let request = request(prompt)
        return try await cancelledByInterrupt {
            let writer = writer(echo: try await shownText(of: prompt, by: session))
            var statistics = GenerationStatistics(begin: .now)
            for try await event in session.generate(request) {
                // A program is told how each text ended.
                if Task.isCancelled && !json { continue }
                switch event {
                case .accepted(let accepted):
                    warnings.show(accepted.warnings)
                    try writer.begin(accepted)
                case .piece(let piece):
                    statistics.add(piece, at: .now)
                    try writer.write(piece)
                case .done(let done):
                    statistics.add(done)
                    try writer.write(done)
                    if done.isContextFull && !json { warnings.show(contextFull: done) }
                }
            }
            if Task.isCancelled { return true }
            try writer.finish()
            if stats ?? (StandardOutput.isTerminal && StandardError.isTerminal) {
                StandardError.write(TextStyle.standardError.dim(statistics.text) + "\n")
            }
            return false
        }
    }

    private func request(_ prompt: Prompt) -> Generate {
        Generate(
            requestID: 0, prompt: prompt, maximumTokens: UInt32(maxTokens), parameters: sampling.requested,
            sequences: UInt32(sequences), stopStrings: ending.stop.map { Array($0.utf8) },
            stopTokens: ending.stopToken, ignoreEndOfText: ending.ignoreEndOfText, logprobs: logprobs != nil,
            alternatives: UInt32(logprobs ?? 0), priority: priority.wire)
    }

    /// What stands before each continuation.
    private func shownText(of prompt: Prompt, by session: any TextService) async throws -> [UInt8] {
        guard echo || StandardOutput.isTerminal && !json && !interactive else { return [] }
        switch prompt.content {
        case .text(let text): return text
        case .tokens(let tokens): return try await session.detokenize(tokens)
        }
    }

    /// Shows what comes, as asked for.
    private func writer(echo prompt: [UInt8]) -> any GenerationWriter {
        if json { return JSONGenerationWriter(streams: stream, logprobs: logprobs != nil, prompt: echo ? prompt : nil) }
        return sequences == 1 ? StreamingTextWriter(prompt: prompt) : SeveralTextsWriter(prompt: prompt)
    }
}
