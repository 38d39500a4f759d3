import ArgumentParser
import Console
import Messages

/// A text: an argument, a file, or standard input.
struct TextOptions: ParsableArguments {
    @Argument(help: "The text, in UTF-8; - reads it from standard input.")
    var text: String?

    @Option(
        name: .long, help: .init("A file with the text; - is standard input.", valueName: "file"), completion: .file())
    var file: String?

    @Flag(
        name: .long,
        help: """
            Take a file or standard input as it is. Without this, line ends of Windows are newlines, and a newline at the \
            very end is not part of the text.
            """)
    var verbatim = false

    @Flag(name: .long, help: "Take an empty file or empty standard input for an empty text.")
    var allowEmpty = false

    /// Whether no text is named.
    var isMissing: Bool { text == nil && file == nil }

    func validate() throws {
        guard text == nil || file == nil else { throw ValidationError("give a text or --file, not both") }
        if file == "" { throw ValidationError("--file must name a file, or - for standard input") }
        if verbatim || allowEmpty, source == nil {
            throw ValidationError("--verbatim and --allow-empty go with --file, or with - for standard input")
        }
    }

    /// The file to read, - for standard input; nil where the text is the argument.
    var source: String? { file ?? (text == "-" ? "-" : nil) }

    /// Where the text is from, for errors.
    var name: String { source.map(InputText.name) ?? "the text" }

    /// - Parameter mayBeEmpty: whether the command has a use for an empty text.
    /// - Throws: `UsageError` where it cannot be read, is no UTF-8, or empty.
    func bytes(mayBeEmpty: Bool = true) throws -> [UInt8] {
        guard let source else { return Array((text ?? "").utf8) }
        let read = try InputText.read(file: source)
        let bytes = verbatim ? read : InputText.asMeant(read)
        if bytes.isEmpty && !allowEmpty {
            throw UsageError("\(name): is empty" + (mayBeEmpty ? "; --allow-empty takes it for an empty text" : ""))
        }
        return bytes
    }
}

/// A text, or the tokens of one.
struct PromptOptions: ParsableArguments {
    @OptionGroup var text: TextOptions

    @Flag(
        name: .long,
        help: "The text is token ids, as `paceline tokenize` writes them: \"464 3290\", or [464,3290].")
    var ids = false

    @OptionGroup var special: SpecialTokensOption

    func validate() throws {
        if ids && special.specialTokens { throw ValidationError("--special-tokens goes with a text, not with --ids") }
    }

    /// - Throws: `UsageError` as for ``TextOptions/bytes()``, and where an id is none.
    func prompt(mayBeEmpty: Bool = true) throws -> Prompt {
        let bytes = try text.bytes(mayBeEmpty: mayBeEmpty)
        guard ids else { return Prompt(content: .text(bytes), specialTokens: special.specialTokens) }
        return Prompt(content: .tokens(try TokenIDText.ids(bytes, name: text.name)))
    }
}
