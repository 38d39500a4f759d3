import ArgumentParser
import Console
import Tokenizer

/// `paceline detokenize`
struct DetokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detokenize",
        abstract: "Shows the text of token ids. Needs no cluster.",
        discussion: """
            Example:
              paceline detokenize 39 695 78 995
              paceline tokenize "Hello world" | paceline detokenize -
            """)

    @Argument(help: "Token ids; - reads them from standard input. Bytes that are no UTF-8 are shown as U+FFFD.")
    var ids: [String] = []

    @Option(
        name: .long, help: .init("A file with the ids; - is standard input.", valueName: "file"), completion: .file())
    var file: String?

    @Flag(name: .long, help: "Take an empty file or empty standard input for no ids.")
    var allowEmpty = false

    @Flag(name: .long, help: "The text as a JSON string.")
    var json = false

    @OptionGroup var modelOptions: ModelOptions

    func validate() throws {
        guard ids.isEmpty != (file == nil) else {
            throw ValidationError("give token ids, or a file with --file (- for standard input)")
        }
        if file == "" { throw ValidationError("--file must name a file, or - for standard input") }
        if allowEmpty && source == nil {
            throw ValidationError("--allow-empty goes with --file, or with - for standard input")
        }
        if source == nil { _ = try parsed(ids.joined(separator: " "), name: "the ids") }
    }

    func run() throws {
        let ids = try given()
        let tokenizer = try BytePairTokenizer(directory: try modelOptions.tokenizerDirectory())
        let text: String
        do {
            text = try tokenizer.decode(ids)
        } catch {
            throw UsageError("\(error)")
        }
        try StandardOutput.writeLine(json ? try JSONLine.text(text) : text)
    }

    private var source: String? { file ?? (ids == ["-"] ? "-" : nil) }

    private func given() throws -> [Int32] {
        guard let source else { return try parsed(ids.joined(separator: " "), name: "the ids") }
        let name = InputText.name(of: source)
        let found = try TokenIDText.ids(try InputText.read(file: source), name: name)
        if found.isEmpty && !allowEmpty { throw UsageError("\(name): is empty; --allow-empty takes it for no ids") }
        return found
    }

    private func parsed(_ text: String, name: String) throws -> [Int32] {
        do {
            return try TokenIDText.ids(Array(text.utf8), name: name)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
