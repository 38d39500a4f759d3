/// The class of transformers that loads a tokenizer; where files contradict one another, they are obeyed as it does.
enum TokenizerKind {
    /// GPT2Tokenizer: takes vocabulary, merges, added tokens and post-processor only.
    case gpt2
    /// PreTrainedTokenizerFast: takes tokenizer.json as it is.
    case fast

    /// The class of that name.
    ///
    /// - Throws: naming a class that does something else.
    init(_ name: String?, file: String) throws(TokenizerError) {
        switch name {
        case nil, "GPT2Tokenizer", "GPT2TokenizerFast": self = .gpt2
        case "PreTrainedTokenizerFast", "PreTrainedTokenizer", "TokenizersBackend", "PythonBackend": self = .fast
        case let name?:
            throw TokenizerError(
                file,
                "tokenizer_class: \(quoted(name.utf8)) is not supported, only GPT2Tokenizer and "
                    + "PreTrainedTokenizerFast are")
        }
    }
}
