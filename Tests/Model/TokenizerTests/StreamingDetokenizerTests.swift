import TestSupport
import Testing
import Tokenizer

@Suite("Streaming detokenizer")
struct StreamingDetokenizerTests {
    private static func pieces(_ tokens: [Int32], _ tokenizer: BytePairTokenizer) -> [String] {
        var detokenizer = StreamingDetokenizer(tokenizer)
        return tokens.map { detokenizer.append($0) } + [detokenizer.finish()]
    }

    private static func bytes(_ pieces: [String]) -> [UInt8] {
        pieces.flatMap { Array($0.utf8) }
    }

    @Test("waits for the last byte of a character")
    func wholeCharacters() throws {
        // In this vocabulary the id of a byte is the byte.
        let tokenizer = try TokenizerSource().tokenizer()
        let tokens = "aé€😀".utf8.map { Int32($0) }
        #expect(Self.pieces(tokens, tokenizer) == ["a", "", "é", "", "", "€", "", "", "", "😀", ""])
    }

    @Test("gives out at once what can never become a character")
    func invalidBytes() throws {
        let tokenizer = try TokenizerSource().tokenizer()
        #expect(
            Self.pieces([0x80, 0xC0, 0xF5, 0xFF], tokenizer) == ["\u{FFFD}", "\u{FFFD}", "\u{FFFD}", "\u{FFFD}", ""])
        #expect(Self.pieces([0xE2, 0x82, 0x41], tokenizer) == ["", "", "\u{FFFD}A", ""])
        #expect(Self.pieces([0xED, 0xA0], tokenizer) == ["", "\u{FFFD}\u{FFFD}", ""])
        #expect(Self.pieces([0xF0, 0x9F, 0x98], tokenizer) == ["", "", "", "\u{FFFD}"])
    }

    @Test("shows nothing of an id without text")
    func unknownTokens() throws {
        #expect(Self.pieces([64, 50257, -1, 64], Fixtures.gpt2) == ["a", "", "", "a", ""])
    }

    @Test("together the pieces are the text of all the tokens", arguments: 0..<8 as Range<UInt64>)
    func sameAsWhole(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let bytes = try TokenizerSource().tokenizer()
        let edges: [Int32] = [
            0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xE1, 0xED, 0xF0, 0xF4, 0xF5,
        ]
        for _ in 0..<500 {
            let count = Int.random(in: 0..<25, using: &generator)
            let edgeTokens = (0..<count).map { _ in edges.randomElement(using: &generator)! }
            #expect(
                try Self.bytes(Self.pieces(edgeTokens, bytes)) == Array(bytes.decode(edgeTokens).utf8),
                "seed \(seed): \(edgeTokens)")
            let bound: Int32 = Bool.random(using: &generator) ? 700 : 50257
            let tokens = (0..<count).map { _ in Int32.random(in: 0..<bound, using: &generator) }
            #expect(
                try Self.bytes(Self.pieces(tokens, Fixtures.gpt2)) == Array(Fixtures.gpt2.decode(tokens).utf8),
                "seed \(seed): \(tokens)")
        }
    }
}
