import ArgumentParser
import Console
import Engine
import Foundation
import Tokenizer

/// `paceline tokenize`
struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Shows a text's token ids. Needs no cluster.",
        discussion: """
            Example:
              paceline tokenize "Hello world"
              paceline tokenize --file text.txt --json
              printf '"one line"\\n"another"\\n' | paceline tokenize --file - --json-lines
            """)

    @Argument(help: "The text.")
    var text: String?

    @Option(
        name: .long, help: .init("A file with the text; - is standard input.", valueName: "file"), completion: .file())
    var file: String?

    @Flag(name: .long, help: "The ids as a JSON array.")
    var json = false

    @Flag(name: .long, help: "Each line of the input is a JSON string; each line of the output its ids.")
    var jsonLines = false

    @OptionGroup var special: SpecialTokensOption

    @OptionGroup var modelOptions: ModelOptions

    func validate() throws {
        guard (text == nil) != (file == nil) else {
            throw ValidationError("give a text, or a file with --file (- for standard input)")
        }
    }

    func run() throws {
        let tokenizer = try BytePairTokenizer(directory: try modelOptions.tokenizerDirectory())
        let bytes = try file.map { try InputText.read(file: $0) } ?? Array((text ?? "").utf8)
        let warnings = WarningLines()
        guard jsonLines else {
            return StandardOutput.writeLine(Self.text(ids(of: bytes, tokenizer, warnings), json: json))
        }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // Behind the last line's newline there is no line.
        if lines.last?.isEmpty == true { lines.removeLast() }
        for (number, line) in lines.enumerated() {
            guard let text = try? JSONDecoder().decode(String.self, from: Data(line)) else {
                throw UsageError("\(file ?? "the text"): line \(number + 1) is no JSON string")
            }
            StandardOutput.writeLine(Self.text(ids(of: Array(text.utf8), tokenizer, warnings), json: true))
        }
    }

    private func ids(of text: [UInt8], _ tokenizer: BytePairTokenizer, _ warnings: WarningLines) -> [Int32] {
        if !special.specialTokens { warnings.show(tokenizer.warning(ofSpecialTokensIn: text).map { [$0] } ?? []) }
        return tokenizer.encode(utf8: text, specialTokens: special.specialTokens)
    }

    private static func text(_ ids: [Int32], json: Bool) -> String {
        let numbers = ids.map { String($0) }
        return json ? "[\(numbers.joined(separator: ","))]" : numbers.joined(separator: " ")
    }
}

/// `paceline detokenize`
struct DetokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detokenize",
        abstract: "Shows the text of token ids. Needs no cluster.",
        discussion: """
            Example:
              paceline detokenize 39 695 78 995
            """)

    @Argument(help: "Token ids; bytes that are no UTF-8 are shown as U+FFFD.")
    var ids: [Int32]

    @Flag(name: .long, help: "The text as a JSON string.")
    var json = false

    @OptionGroup var modelOptions: ModelOptions

    func run() throws {
        let tokenizer = try BytePairTokenizer(directory: try modelOptions.tokenizerDirectory())
        let text = try tokenizer.decode(ids)
        StandardOutput.writeLine(json ? try JSONLine.text(text) : text)
    }
}
