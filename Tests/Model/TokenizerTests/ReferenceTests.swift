import Foundation
import Testing
import Tokenizer

/// Answers of Hugging Face's tokenizers; see scripts/fixtures/make-tokenizer.py.
@Suite("The tokenizer agrees with the reference")
struct ReferenceTests {
    private struct Case: Decodable {
        var vocabulary: String?
        var allowEndOfText: Bool?
        var text: String
        var ids: [Int32]
    }

    private struct PiecesCase: Decodable {
        var text: String
        var lengths: [Int]
    }

    @Test("on the tokens of every text", arguments: ["cases.jsonl", "more-cases.jsonl"])
    func encoding(file: String) throws {
        let cases = try Fixtures.lines(of: file, as: Case.self)
        #expect(cases.count >= 240)
        for (index, example) in cases.enumerated() {
            let tokenizer = example.vocabulary == "demo" ? Fixtures.demo : Fixtures.gpt2
            let ids = tokenizer.encode(example.text, specialTokens: example.allowEndOfText ?? false)
            #expect(ids == example.ids, "line \(index + 1): \(example.text.debugDescription)")
            #expect(try Array(tokenizer.decode(ids).utf8) == Array(example.text.utf8), "line \(index + 1)")
        }
    }

    @Test("on the text of any tokens, whole and streamed")
    func decoding() throws {
        for (index, example) in try Fixtures.lines(of: "decode-cases.jsonl", as: Case.self).enumerated() {
            let text = try Fixtures.gpt2.decode(example.ids)
            #expect(Array(text.utf8) == Array(example.text.utf8), "line \(index + 1)")
            var detokenizer = StreamingDetokenizer(Fixtures.gpt2)
            let streamed = example.ids.map { detokenizer.append($0) }.joined() + detokenizer.finish()
            #expect(Array(streamed.utf8) == Array(example.text.utf8), "line \(index + 1)")
        }
    }

    @Test("on where text is cut into pieces, at every boundary between classes of characters")
    func preTokenizing() throws {
        for (index, example) in try Fixtures.lines(of: "pieces.jsonl", as: PiecesCase.self).enumerated() {
            let text = Array(example.text.utf8)
            let pieces = Array(PreTokenizer(text, range: 0..<text.count))
            #expect(pieces.map(\.count) == example.lengths, "line \(index + 1): \(example.text.debugDescription)")
        }
    }
}
