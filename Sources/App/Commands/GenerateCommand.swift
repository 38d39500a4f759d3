import ArgumentParser
import Console
import Foundation
import Messages
import Sessions

/// `paceline generate`
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continues a text.",
        discussion: """
            The text goes to standard output as it is made, and nothing else does. ^C cancels the request.

            Example:
              paceline generate "Once upon a time" --temperature 0.8 --top-k 40
              echo "a prompt" | paceline generate -
            """)

    @Argument(help: "The text to continue, in UTF-8; - reads it from standard input.")
    var prompt: String?

    @Option(name: .long, help: .init("Tokens to write, at most.", valueName: "count"))
    var maxTokens: Int = 128

    @OptionGroup var sampling: SamplingOptions

    @Option(
        name: [.customShort("n"), .customLong("sequences")],
        help: .init("So many continuations of the same prompt.", valueName: "count"))
    var sequences: Int = 1

    @Option(name: .long, help: .init("End before this text; may be given again.", valueName: "text"))
    var stop: [String] = []

    @Option(name: .long, help: .init("End before the token with this id; may be given again.", valueName: "id"))
    var stopToken: [Int32] = []

    @Flag(name: .long, help: "Go on after the model's end tokens.")
    var ignoreEndOfText = false

    @OptionGroup var special: SpecialTokensOption

    @Option(
        name: .long,
        help: .init("With --json: log-probability of each token, and so many alternatives.", valueName: "count"))
    var logprobs: Int?

    @Flag(name: .long, help: "One JSON object a line: one for each continuation, when it is complete.")
    var json = false

    @Flag(name: .long, help: "With --json: also one for each piece of text as it comes.")
    var stream = false

    @Flag(name: .long, help: "Ask for one prompt after the other; an empty line or ^D ends.")
    var interactive = false

    @OptionGroup var priority: PriorityOption

    @OptionGroup var target: TargetOptions

    func validate() throws {
        guard (0...1_000_000).contains(maxTokens) else { throw ValidationError("--max-tokens must be 0 or more") }
        guard (1...64).contains(sequences) else { throw ValidationError("-n must be between 1 and 64") }
        if let logprobs, !(0...20).contains(logprobs) {
            throw ValidationError("--logprobs must be between 0 and 20")
        }
        if (stream || logprobs != nil) && !json { throw ValidationError("--stream and --logprobs go with --json") }
        guard interactive == (prompt == nil) else {
            throw ValidationError(
                interactive
                    ? "--interactive asks for prompts itself; leave the prompt out"
                    : "a prompt is missing: give it as an argument, or - to read it from standard input")
        }
    }

    func run() async throws {
        let warnings = WarningLines()
        if interactive {
            let session = try target.session()
            try await InteractiveLoop.run { line in _ = try await answer(Array(line.utf8), by: session, warnings) }
            return await session.close()
        }
        let text: [UInt8]
        if prompt == "-" {
            text = Self.withoutLastNewline(try InputText.read(file: "-"))
        } else {
            text = Array((prompt ?? "").utf8)
        }
        let session = try target.session()
        let isCancelled = try await answer(text, by: session, warnings)
        await session.close()
        if isCancelled { throw ExitCode(ExitStatus.failed) }
    }

    /// Sends the request and shows what comes until all its sequences have ended. ^C cancels it.
    /// - Returns: whether it was cancelled.
    /// - Throws: `RequestError` with the cluster's own words, `ClientError`.
    private func answer(
        _ text: [UInt8], by session: any TextService, _ warnings: WarningLines
    ) async throws -> Bool {
        let request = request(text)
        return try await cancelledByInterrupt {
            let writer = writer()
            var isCancelled = false
            for try await event in session.generate(request) {
                switch event {
                case .accepted(let accepted):
                    warnings.show(accepted.warnings)
                    writer.begin(accepted)
                case .piece(let piece): try writer.write(piece)
                case .done(let done):
                    if done.reason == .cancelled { isCancelled = true }
                    try writer.write(done)
                }
            }
            try writer.finish()
            return isCancelled
        }
    }

    private func request(_ text: [UInt8]) -> Generate {
        Generate(
            requestID: 0, prompt: Prompt(content: .text(text), specialTokens: special.specialTokens),
            maximumTokens: UInt32(maxTokens), parameters: sampling.requested, sequences: UInt32(sequences),
            stopStrings: stop.map { Array($0.utf8) }, stopTokens: stopToken, ignoreEndOfText: ignoreEndOfText,
            logprobs: logprobs != nil, alternatives: UInt32(logprobs ?? 0), priority: priority.wire)
    }

    /// Shows what comes, as asked for.
    private func writer() -> any GenerationWriter {
        if json { return JSONGenerationWriter(streams: stream, logprobs: logprobs != nil) }
        return sequences == 1 ? StreamingTextWriter() : NumberedTextWriter()
    }

    /// A line typed or piped ends with a newline that is not meant as part of the prompt.
    private static func withoutLastNewline(_ bytes: [UInt8]) -> [UInt8] {
        bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes
    }
}
