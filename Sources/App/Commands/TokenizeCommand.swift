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
              echo "Hello world" | paceline tokenize -
              paceline tokenize --file text.txt --json
              printf '"one line"\\n"another"\\n' | paceline tokenize --file - --json-lines
            """)

    @OptionGroup var input: TextOptions

    @Flag(name: .long, help: "The ids as a JSON array.")
    var json = false

    @Flag(name: .long, help: "Each line of the input is a JSON string; each line of the output its ids.")
    var jsonLines = false

    @OptionGroup var special: SpecialTokensOption

    @OptionGroup var modelOptions: ModelOptions

    func validate() throws {
        if input.isMissing { throw ValidationError("give a text, or a file with --file (- for standard input)") }
    }

    func run() throws {
        let bytes = try input.bytes()
        let tokenizer = try BytePairTokenizer(directory: try modelOptions.tokenizerDirectory())
        let warnings = WarningLines()
        guard jsonLines else {
            return try StandardOutput.writeLine(Self.text(ids(of: bytes, tokenizer, warnings), json: json))
        }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // Behind the last line's newline there is no line.
        if lines.last?.isEmpty == true { lines.removeLast() }
        for (number, line) in lines.enumerated() {
            guard let text = try? JSONDecoder().decode(String.self, from: Data(line)) else {
                throw UsageError("\(input.name): line \(number + 1) is no JSON string")
            }
            try StandardOutput.writeLine(Self.text(ids(of: Array(text.utf8), tokenizer, warnings), json: true))
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
