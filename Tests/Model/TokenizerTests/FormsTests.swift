import Testing
import Tokenizer

@Suite("All forms of a tokenizer's files")
struct FormsTests {
    @Test("give the reference's tokens and text", arguments: TokenizerForm.all)
    func reference(form: TokenizerForm) throws {
        let tokenizer = try TokenizerFolder(form.files).tokenizer()
        if let endOfText = form.endOfText { #expect(tokenizer.endOfText == endOfText) }
        for example in form.cases {
            let ids = tokenizer.encode(example.text, specialTokens: true)
            #expect(ids == example.ids, "\(example.text.debugDescription)")
            #expect(tokenizer.encode(example.text) == example.plain, "\(example.text.debugDescription)")
            #expect(try tokenizer.decode(ids) == example.decoded)
        }
    }

    @Test("OpenAI's names of vocabulary and merges are those of the same two files")
    func openAINames() throws {
        let form = TokenizerForm.named("vocabulary and merges")
        let folder = try TokenizerFolder([
            "encoder.json": form.files["vocab.json"]!, "vocab.bpe": form.files["merges.txt"]!,
        ])
        let tokenizer = try folder.tokenizer()
        for example in form.cases {
            #expect(tokenizer.encode(example.text, specialTokens: true) == example.ids)
        }
        #expect(tokenizer.endOfText == form.endOfText)
    }

    @Test("ids without text are those of gaps and beyond the tokenizer")
    func idsWithoutText() throws {
        let tokenizer = try TokenizerFolder(TokenizerForm.named("vocab.json with gaps").files).tokenizer()
        // 271 tokens, then gaps before and behind "<unused>", 275, and before the end of text, 279.
        #expect(tokenizer.vocabularySize == 280)
        #expect(tokenizer.idsWithoutText(below: 283) == [271, 272, 273, 274, 276, 277, 278, 280, 281, 282])
        #expect(tokenizer.idsWithoutText(below: 271).isEmpty)
        #expect(tokenizer.bytes(of: 273) == nil)
        #expect(tokenizer.bytes(of: 275) == Array("<unused>".utf8))
        var detokenizer = StreamingDetokenizer(tokenizer)
        #expect(detokenizer.append(279) == "<|endoftext|>")
    }

    @Test("an added token has the text of its spelling, whatever letters it is made of")
    func textOfAddedTokens() throws {
        var files = TokenizerForm.named("vocabulary and merges").files
        files["added_tokens.json"] = #"{"naïve": 272, "a b": 273, "日本": 274}"#
        let tokenizer = try TokenizerFolder(files).tokenizer()
        let text = "a naïve 日本 a b"
        let ids = tokenizer.encode(text)
        #expect(ids.contains(272) && ids.contains(273) && ids.contains(274))
        #expect(try tokenizer.decode(ids) == text)
        #expect(tokenizer.vocabularySize == 275)
        #expect(tokenizer.ownVocabularySize == 272)
    }

    @Test("words put into vocab.json by hand are no tokens of a text, and no sign of a file that is cut off")
    func wordsWithoutMerges() throws {
        let form = TokenizerForm.named("vocabulary and merges")
        var files = form.files
        files["vocab.json"] = files["vocab.json"]!.replacing("271}", with: #"271, "zorblax": 272}"#)
        let tokenizer = try TokenizerFolder(files).tokenizer()
        for example in form.cases { #expect(tokenizer.encode(example.text, specialTokens: true) == example.ids) }
        #expect(tokenizer.bytes(of: 272) == Array("zorblax".utf8))
    }

    @Test("the first special token of a text is told by its spelling")
    func firstSpecialToken() throws {
        let form = TokenizerForm.named("added_tokens.json and tokenizer_config.json")
        let tokenizer = try TokenizerFolder(form.files).tokenizer()
        #expect(tokenizer.firstSpecialToken(in: Array("zorb <|user|> and <|endoftext|>".utf8)) == "<|user|>")
        #expect(tokenizer.firstSpecialToken(in: Array("zorb and <|endoftext|>".utf8)) == "<|endoftext|>")
        #expect(tokenizer.firstSpecialToken(in: Array("zorb and <|endof".utf8)) == nil)
    }
}
