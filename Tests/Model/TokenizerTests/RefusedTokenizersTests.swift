import Testing
import Tokenizer

@Suite("Tokenizers that are refused by name")
struct RefusedTokenizersTests {
    private static let files = TokenizerForm.named("tokenizer.json of the fast class").files
    private static let gpt2Files = TokenizerForm.named("tokenizer.json with merges as strings").files

    /// The error of tokenizer.json with a piece of its text replaced.
    private static func error(
        _ piece: String, _ replacement: String, in files: [String: String] = files,
        named name: String = "tokenizer.json"
    ) throws -> String? {
        var changed = files
        let text = try #require(files[name])
        try #require(text.contains(piece))
        changed[name] = text.replacing(piece, with: replacement, maxReplacements: 1)
        return try TokenizerFolder(changed).error()
    }

    @Test(
        "what is done to a text before and behind the model",
        arguments: [
            (
                #""normalizer": null"#, #""normalizer": {"type": "NFC"}"#,
                #"normalizer: "NFC" is not supported, only null is"#
            ),
            (
                #""normalizer": null"#, #""normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]}"#,
                #"normalizer: "Sequence" is not supported, only null is"#
            ),
            (
                #""pre_tokenizer": {"type": "ByteLevel""#, #""pre_tokenizer": {"type": "Whitespace""#,
                #"pre_tokenizer: "Whitespace" is not supported, only ByteLevel is, with GPT-2's expression"#
            ),
            (
                #""use_regex": true"#, #""use_regex": false"#,
                "pre_tokenizer: ByteLevel with use_regex false is not supported, only ByteLevel is, with GPT-2's expression"
            ),
            (
                #""decoder": {"type": "ByteLevel""#, #""decoder": {"type": "Metaspace""#,
                #"decoder: "Metaspace" is not supported, only ByteLevel is"#
            ),
            (
                #""post_processor": null"#, #""post_processor": {"type": "Unknown"}"#,
                #"post_processor: "Unknown" is not supported"#
            ),
        ])
    func pipeline(piece: String, replacement: String, expected: String) throws {
        #expect(try Self.error(piece, replacement) == "tokenizer.json: " + expected)
    }

    @Test(
        "settings of the model that change tokens",
        arguments: [
            (#""dropout": null"#, #""dropout": 0.1"#, "model.dropout: 0.1 is not supported"),
            (#""byte_fallback": false"#, #""byte_fallback": true"#, "model.byte_fallback: true is not supported"),
            (#""ignore_merges": false"#, #""ignore_merges": true"#, "model.ignore_merges: true is not supported"),
            (
                #""continuing_subword_prefix": """#, #""continuing_subword_prefix": "@@""#,
                #"model.continuing_subword_prefix: "@@" is not supported"#
            ),
            (#""type": "BPE""#, #""type": "WordPiece""#, #"model.type: "WordPiece" is not supported, only BPE is"#),
        ])
    func model(piece: String, replacement: String, expected: String) throws {
        #expect(try Self.error(piece, replacement) == "tokenizer.json: " + expected)
    }

    @Test("a dropout of zero and an empty sequence of normalizers change nothing")
    func harmless() throws {
        #expect(try Self.error(#""dropout": null"#, #""dropout": 0.0"#) == nil)
        #expect(
            try Self.error(#""normalizer": null"#, #""normalizer": {"type": "Sequence", "normalizers": []}"#) == nil)
    }

    @Test("a normalizer counts for nothing with GPT2Tokenizer, other pre-tokenizers are refused there too")
    func gpt2Class() throws {
        #expect(
            try Self.error(#""normalizer": null"#, #""normalizer": {"type": "NFC"}"#, in: Self.gpt2Files) == nil)
        let error = try Self.error(
            #""pre_tokenizer": {"type": "ByteLevel""#, #""pre_tokenizer": {"type": "Digits""#, in: Self.gpt2Files)
        #expect(error?.hasPrefix(#"tokenizer.json: pre_tokenizer: "Digits" is not supported"#) == true)
    }

    @Test("another class of tokenizer")
    func otherClass() throws {
        let error = try Self.error(
            "PreTrainedTokenizerFast", "BertTokenizer", named: "tokenizer_config.json")
        #expect(
            error == #"tokenizer_config.json: tokenizer_class: "BertTokenizer" is not supported, only GPT2Tokenizer "#
                + "and PreTrainedTokenizerFast are")
    }

    @Test(
        "directories of other tokenizers",
        arguments: [("vocab.txt", "BERT"), ("tokenizer.model", "sentencepiece"), ("spiece.model", "sentencepiece")])
    func otherFiles(name: String, kind: String) throws {
        let error = try TokenizerFolder([name: "a"]).error()
        #expect(
            error == "\(name): a \(kind) tokenizer is not supported, only GPT-2's byte-level byte-pair encoding is")
    }

    @Test("a directory without a tokenizer tells what was looked for")
    func empty() throws {
        #expect(
            try TokenizerFolder([:]).error() == "folder: has no tokenizer: neither tokenizer.json, nor vocab.json and "
                + "merges.txt, nor encoder.json and vocab.bpe")
        let vocabulary = try #require(TokenizerForm.named("vocabulary and merges").files["vocab.json"])
        let error = try TokenizerFolder(["vocab.json": vocabulary]).error()
        #expect(error == "merges.txt: cannot be read: No such file or directory")
    }

    @Test("an added token whose id another token has already")
    func takenID() throws {
        var files = TokenizerForm.named("vocab.json with gaps").files
        // Ids go on from the count of the vocabulary, 273, and 275 is that of "<unused>".
        files["added_tokens.json"] = #"{"one": 300, "two": 301, "three": 302}"#
        #expect(
            try TokenizerFolder(files).error()
                == #"vocab.json: added token "three" gets id 275, which "<unused>" has already"#)
    }
}
