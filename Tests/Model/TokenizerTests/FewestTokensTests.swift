import TestSupport
import Testing
import Tokenizer

@Suite("The fewest tokens of a text, by its bytes")
struct FewestTokensTests {
    @Test("no text has fewer, and one of the longest token has just so many")
    func bound() {
        var random = SplitMix64(seed: TestSeed.value)
        for tokenizer in [Fixtures.gpt2, Fixtures.demo] {
            for _ in 0..<200 {
                let ids = (0..<random.int(1...20)).map { _ in Int32(random.int(0...tokenizer.vocabularySize - 1)) }
                let text = ids.flatMap { tokenizer.bytes(of: $0) ?? [] }
                for special in [false, true] {
                    let count = tokenizer.encode(utf8: text, specialTokens: special).count
                    #expect(tokenizer.fewestTokens(ofBytes: text.count) <= count)
                }
            }
            let longest = (0..<Int32(tokenizer.vocabularySize)).map { tokenizer.bytes(of: $0)?.count ?? 0 }.max() ?? 0
            #expect(tokenizer.fewestTokens(ofBytes: 7 * longest) == 7)
            #expect(tokenizer.fewestTokens(ofBytes: 7 * longest + 1) == 8)
        }
    }

    @Test("where a token takes white space with it, a text of any length may be that token")
    func strips() throws {
        let source = TokenizerSource(otherKeys: ["<|endoftext|>"])
        let folder = try TokenizerFolder([
            "tokenizer_config.json": #"{"added_tokens_decoder": {"256": {"content": "<|endoftext|>", "lstrip": true}}}"#
        ])
        try folder.write(source.vocabularyFile, to: "vocab.json")
        try folder.write(source.mergesFile, to: "merges.txt")
        let tokenizer = try folder.tokenizer()
        let text = String(repeating: " ", count: 1_000) + "<|endoftext|>"
        #expect(tokenizer.fewestTokens(ofBytes: text.utf8.count) <= tokenizer.encode(text, specialTokens: true).count)
        #expect(tokenizer.fewestTokens(ofBytes: 1 << 30) == 0)
    }
}
