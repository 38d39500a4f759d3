import TestSupport
import Testing
import Tokenizer

@Suite("Encoding")
struct EncodingTests {
    @Test("<|endoftext|> becomes its token only where that is asked for")
    func endOfText() throws {
        let tokenizer = Fixtures.gpt2
        #expect(tokenizer.endOfText == 50256)
        #expect(tokenizer.encode("a<|endoftext|>b", specialTokens: true) == [64, 50256, 65])
        #expect(tokenizer.encode("<|endoftext|>", specialTokens: true) == [50256])
        #expect(!tokenizer.encode("a<|endoftext|>b").contains(50256))
        let without = try TokenizerSource().tokenizer()
        #expect(without.endOfText == nil)
        #expect(without.encode("<|endoftext|>", specialTokens: true).count == 13)
    }

    @Test("the vocabulary may have any size from the 256 bytes up, and special tokens in any characters")
    func vocabularies() throws {
        #expect(Fixtures.gpt2.vocabularySize == 50257)
        #expect(Fixtures.demo.vocabularySize == 8192)
        #expect(try TokenizerSource().tokenizer().encode("hé") == [0x68, 0xC3, 0xA9])
        let tokenizer = try TokenizerSource(otherKeys: ["<|endoftext|>", "<🙂 é>", "<🙂 e\u{301}>"]).tokenizer()
        #expect(tokenizer.vocabularySize == 259)
        #expect(tokenizer.bytes(of: 257) == Array("<🙂 é>".utf8))
        #expect(tokenizer.bytes(of: 258) == Array("<🙂 e\u{301}>".utf8))
        #expect(tokenizer.bytes(of: 259) == nil)
        #expect(tokenizer.bytes(of: -1) == nil)
        #expect(tokenizer.bytes(of: 0xE9) == [0xE9])
    }

    @Test("an empty text has no tokens")
    func nothing() throws {
        #expect(Fixtures.gpt2.encode("").isEmpty)
        #expect(Fixtures.gpt2.encode("", specialTokens: true).isEmpty)
        #expect(try Fixtures.gpt2.decode([]) == "")
    }

    @Test("an id outside the vocabulary is named")
    func unknownIds() {
        for id in [50257, -1, Int32.max, Int32.min] {
            let error = #expect(throws: TokenizerError.self) { try Fixtures.gpt2.decode([0, id]) }
            #expect(
                error?.description
                    == "token 1 of 2: id \(id) has no text in the vocabulary, whose ids are 0 to 50256")
        }
    }

    @Test("any bytes come back as they were, UTF-8 or not", arguments: 0..<4 as Range<UInt64>)
    func anyBytes(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let leads: [UInt8] = [0x20, 0x27, 0x41, 0xC2, 0xE2, 0xED, 0xF0, 0xF4, 0xFF]
            let text = (0..<Int.random(in: 0..<90, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? leads.randomElement(using: &generator)! : UInt8.random(in: 0...255, using: &generator)
            }
            for tokenizer in [Fixtures.gpt2, Fixtures.demo] {
                let tokens = tokenizer.encode(utf8: text, specialTokens: true)
                #expect(tokens.flatMap { tokenizer.bytes(of: $0)! } == text, "seed \(seed)")
            }
        }
    }

    @Test("a megabyte of one character is no trouble", arguments: ["a", " ", "\n", "=", "é", "中"])
    func longWord(character: String) throws {
        let text = String(repeating: character, count: 1_000_000 / character.utf8.count)
        let tokens = Fixtures.gpt2.encode(text)
        #expect(tokens.count <= text.utf8.count)
        #expect(try Fixtures.gpt2.decode(tokens).utf8.elementsEqual(text.utf8))
    }
}
