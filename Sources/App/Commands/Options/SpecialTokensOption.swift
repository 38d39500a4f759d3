import ArgumentParser

/// `--special-tokens`, for every command that takes text.
struct SpecialTokensOption: ParsableArguments {
    @Flag(
        name: [.long, .customLong("allow-end-of-text")],
        help: "Spellings of special tokens, as <|endoftext|>, mean the tokens and not the characters. (the second: old)"
    )
    var specialTokens = false
}
