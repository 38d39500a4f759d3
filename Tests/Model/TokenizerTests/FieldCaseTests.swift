import Foundation
import TestSupport
import Testing
import Tokenizer

/// What people met, with the tokens of transformers 5.24 and tokenizers 0.23.3. The vocabulary is the demo model's.
@Suite("Cases from the field: tokenizers")
struct FieldCaseTests {
    private static let vocabulary = text(of: "vocab.json")
    private static let merges = text(of: "merges.txt")
    private static let files = ["vocab.json": vocabulary, "merges.txt": merges]

    private static func text(of name: String) -> String {
        try! String(contentsOf: URL(filePath: Repository.demoModel).appending(path: name), encoding: .utf8)
    }

    /// A tokenizer.json with merges as pairs, as transformers 5 saves it.
    private static func tokenizerJSON(added: [(id: Int, content: String, special: Bool)]) throws -> String {
        let tokens = [(id: 8191, content: "<|endoftext|>", special: true)] + added
        let byteLevel: [String: Any] = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
        ]
        let pairs = merges.split(separator: "\n").filter { !$0.hasPrefix("#version") }.map {
            $0.split(separator: " ").map(String.init)
        }
        let addedTokens = tokens.map { token -> [String: Any] in
            [
                "id": token.id, "content": token.content, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": !token.special, "special": token.special,
            ]
        }
        let content: [String: Any] = [
            "version": "1.0", "truncation": NSNull(), "padding": NSNull(), "added_tokens": addedTokens,
            "normalizer": NSNull(), "pre_tokenizer": byteLevel, "post_processor": NSNull(), "decoder": byteLevel,
            "model": [
                "type": "BPE", "dropout": NSNull(), "unk_token": NSNull(), "continuing_subword_prefix": "",
                "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                "vocab": try JSONSerialization.jsonObject(with: Data(vocabulary.utf8)), "merges": pairs,
            ] as [String: Any],
        ]
        return String(decoding: try JSONSerialization.data(withJSONObject: content), as: UTF8.self)
    }

    @Test("added-tokens")
    func addedTokens() throws {
        let added = ["<|pad|>": 8192, "<|user|>": 8193, "<|bot|>": 8194, "zorblax": 8195]
        var files = Self.files
        files["added_tokens.json"] = String(decoding: try JSONEncoder().encode(added), as: UTF8.self)
        files["special_tokens_map.json"] = """
            {"pad_token": "<|pad|>", "additional_special_tokens": ["<|user|>", "<|bot|>"], "eos_token": "<|endoftext|>"}
            """
        files["tokenizer.json"] = try Self.tokenizerJSON(
            added: added.map { ($0.value, $0.key, $0.key.hasPrefix("<")) }.sorted { $0.0 < $1.0 })
        let tokenizer = try TokenizerFolder(files).tokenizer()
        let text = "<|user|>Once upon a zorblax<|bot|>"
        let expected: [Int32] = [8193, 7454, 2402, 257, 220, 8195, 8194]
        #expect(tokenizer.encode(text, specialTokens: true) == expected)
        for (content, id) in added { #expect(tokenizer.bytes(of: Int32(id)) == Array(content.utf8)) }
        #expect(tokenizer.encode(text).contains(8195))
        #expect(!tokenizer.encode(text).contains(8194))
    }

    @Test("add-prefix-space")
    func addPrefixSpace() throws {
        var files = Self.files
        files["tokenizer_config.json"] = #"{"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": true}"#
        #expect(try TokenizerFolder(files).tokenizer().encode("King of the") == [2677, 286, 262])
    }

    @Test("tokenizer-json-only")
    func tokenizerJSONOnly() throws {
        let folder = try TokenizerFolder([
            "tokenizer.json": try Self.tokenizerJSON(added: []),
            "tokenizer_config.json": """
            {"tokenizer_class": "GPT2Tokenizer", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>",
             "add_prefix_space": false}
            """,
        ])
        let expected: [Int32] = [464, 1468, 5822, 550, 1115, 264, 684, 11, 290, 262, 1862, 395]
        let tokenizer = try folder.tokenizer()
        #expect(tokenizer.encode("The old king had three sons, and the youngest") == expected)
        #expect(try tokenizer.identity == TokenizerFolder(Self.files).tokenizer().identity)
    }

    @Test("score-separators")
    func scoreSeparators() throws {
        let tokenizer = try TokenizerFolder(Self.files).tokenizer()
        let tokens = tokenizer.encode("The king died.<|endoftext|>Once upon a time", specialTokens: true)
        #expect(tokens.count == 9)
        #expect(tokens[4] == 8191)
    }

    @Test("dialog-turns")
    func dialogTurns() throws {
        let tokenizer = try TokenizerFolder(Self.files).tokenizer()
        let text = "Hello there<|endoftext|>Who are you?<|endoftext|>"
        let expected: [Int32] = [39, 695, 78, 612, 8191, 1199, 78, 389, 345, 30, 8191]
        #expect(tokenizer.encode(text, specialTokens: true) == expected)
        #expect(tokenizer.encode(text).count == 23)
    }

    @Test("pointer-files", arguments: ["vocab.json", "merges.txt"])
    func pointerFiles(name: String) throws {
        var files = Self.files
        files[name] = "version https://git-lfs.github.com/spec/v1\noid sha256:abab\nsize 548105171\n"
        let error = try TokenizerFolder(files).error()
        #expect(error == "\(name): is a Git LFS pointer, not the file itself; run `git lfs pull` where it was cloned")
    }
}
