import JSON

/// What surrounds the model of tokenizer.json: normalizer, pre-tokenizer, decoder. Obeyed or refused by name.
struct TokenizerPipeline {
    private static let expressions: Set = [
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
        #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
    ]

    /// Whether a piece of text that does not begin with a space gets one.
    let addsPrefixSpace: Bool

    /// - Parameter kind: the class that loads the file. GPT2Tokenizer has its own parts in place of the file's, so that
    ///   a normalizer there never applies.
    /// - Throws: naming what cannot be done.
    init(_ file: TokenizerJSONFile, kind: TokenizerKind) throws(TokenizerError) {
        try Self.checkModel(file, kind: kind)
        if kind == .fast { try Self.checkNormalizer(file.parts["normalizer"], file: file.name) }
        try Self.checkDecoder(file.parts["decoder"], file: file.name)
        let preTokenizer = file.parts["pre_tokenizer"]
        if kind == .gpt2 && preTokenizer?.isNull != false {
            addsPrefixSpace = false
        } else {
            addsPrefixSpace = try Self.prefixSpace(of: preTokenizer ?? .null, file: file.name)
        }
    }

    private static func checkModel(_ file: TokenizerJSONFile, kind: TokenizerKind) throws(TokenizerError) {
        func refuse(_ field: String, _ value: JSONValue) -> TokenizerError {
            let shown = value.number.map { "\($0)" } ?? described(value)
            return TokenizerError(file.name, "model.\(field): \(shown) is not supported")
        }
        if let dropout = file.model["dropout"], !dropout.isNull, dropout.number != 0 {
            throw refuse("dropout", dropout)
        }
        // With GPT2Tokenizer the last counts for nothing.
        for field in ["byte_fallback", "ignore_merges"] where field == "byte_fallback" || kind == .fast {
            if let value = file.model[field], !value.isNull, value.bool != false { throw refuse(field, value) }
        }
        for field in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let value = file.model[field], !value.isNull, value.string != "" { throw refuse(field, value) }
        }
    }

    private static func checkNormalizer(_ normalizer: JSONValue?, file: String) throws(TokenizerError) {
        guard let normalizer, !normalizer.isNull else { return }
        if normalizer["type"]?.string == "Sequence", normalizer["normalizers"]?.elements?.isEmpty == true { return }
        throw TokenizerError(file, "normalizer: \(described(normalizer["type"])) is not supported, only null is")
    }

    private static func checkDecoder(_ decoder: JSONValue?, file: String) throws(TokenizerError) {
        guard let decoder, !decoder.isNull else { return }
        let parts = decoder["type"]?.string == "Sequence" ? decoder["decoders"]?.elements ?? [] : [decoder]
        for part in parts where part["type"]?.string != "ByteLevel" {
            throw TokenizerError(file, "decoder: \(described(part["type"])) is not supported, only ByteLevel is")
        }
    }

    /// Whether the pre-tokenizer adds a space in front.
    private static func prefixSpace(of preTokenizer: JSONValue, file: String) throws(TokenizerError) -> Bool {
        func refuse(_ what: String) -> TokenizerError {
            TokenizerError(
                file, "pre_tokenizer: \(what) is not supported, only ByteLevel is, with GPT-2's expression")
        }
        var parts = [preTokenizer]
        if preTokenizer["type"]?.string == "Sequence" { parts = preTokenizer["pretokenizers"]?.elements ?? [] }
        let isSplit = parts.count > 1 && isGPT2Split(parts[0])
        if isSplit { parts.removeFirst() }
        for part in parts where part["type"]?.string != "ByteLevel" { throw refuse(described(part["type"])) }
        guard parts.count == 1 else { throw refuse("a Sequence of \(parts.count)") }
        let addsPrefixSpace = parts[0].member("add_prefix_space")?.bool ?? true
        let cutsText = parts[0].member("use_regex")?.bool ?? true
        guard cutsText != isSplit else {
            throw refuse(isSplit ? "Split before ByteLevel with use_regex" : "ByteLevel with use_regex false")
        }
        // It would put a space in front of every word.
        guard !isSplit || !addsPrefixSpace else { throw refuse("Split before ByteLevel with add_prefix_space") }
        return addsPrefixSpace
    }

    /// Whether it cuts text as ByteLevel does by itself.
    private static func isGPT2Split(_ part: JSONValue) -> Bool {
        guard part["type"]?.string == "Split", let expression = part["pattern"]?["Regex"]?.string,
            expressions.contains(expression)
        else { return false }
        let inverts = part["invert"]?.bool ?? false
        return part["behavior"]?.string == (inverts ? "Removed" : "Isolated") || part["behavior"]?.string == "Isolated"
    }
}
