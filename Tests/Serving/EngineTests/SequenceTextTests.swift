import Engine
import ServingSupport
import TestSupport
import Testing

@Suite("Text of a sequence")
struct SequenceTextTests {
    @Test("additions joined are the decoded tokens, whatever the tokens are")
    func joined() throws {
        let tokenizer = try Demo.tokenizer()
        for seed in UInt64(0)..<300 {
            var random = SplitMix64(seed: seed)
            var text = SequenceText(tokenizer: tokenizer, stopStrings: ["\u{1}never\u{2}"], stopTokens: [])
            // Single bytes often, so that characters are cut, whole and broken ones.
            let tokens = (0..<random.int(1...40)).map { _ in
                Int32(random.chance(60) ? random.int(0...255) : random.int(0...Demo.vocabularySize - 1))
            }
            var joined = ""
            for (place, token) in tokens.enumerated() {
                let addition = text.append(token, isLast: place == tokens.count - 1)
                #expect(addition.isShown && !addition.isStopped)
                joined += addition.text
            }
            #expect(try joined == tokenizer.decode(tokens), "seed \(seed)")
        }
    }

    @Test("a character in several tokens comes when it is complete")
    func characterInTokens() throws {
        let tokens = try Demo.tokens("🙂")
        try #require(tokens.count > 1)
        var text = SequenceText(tokenizer: try Demo.tokenizer(), stopStrings: [], stopTokens: [])
        for token in tokens.dropLast() {
            let addition = text.append(token, isLast: false)
            #expect(addition.text == "")
        }
        let last = text.append(tokens[tokens.count - 1], isLast: false)
        #expect(last.text == "🙂")
    }

    @Test("a stop token lets out what was held back, and shows nothing of itself")
    func stopToken() throws {
        let tokens = try Demo.tokens(" the quick")
        var text = SequenceText(
            tokenizer: try Demo.tokenizer(), stopStrings: [" the quick red"], stopTokens: [Demo.endOfText])
        for token in tokens {
            let addition = text.append(token, isLast: false)
            #expect(addition.text == "")
        }
        let end = text.append(Demo.endOfText, isLast: false)
        #expect(end.text == " the quick" && !end.isShown && end.isStopped)
    }

    @Test("a stop string that the last token completes stops the text")
    func stopStringAtTheEnd() throws {
        let tokens = try Demo.tokens(" the quick")
        var text = SequenceText(tokenizer: try Demo.tokenizer(), stopStrings: ["quick"], stopTokens: [])
        var joined = ""
        var stopped = false
        for (place, token) in tokens.enumerated() {
            let addition = text.append(token, isLast: place == tokens.count - 1)
            joined += addition.text
            stopped = addition.isStopped
        }
        #expect(joined == " the " && stopped)
    }

    @Test("a text ended before its time gives up what it held back")
    func ended() throws {
        let tokens = try Demo.tokens(" the quick")
        var text = SequenceText(tokenizer: try Demo.tokenizer(), stopStrings: ["quick red"], stopTokens: [])
        let joined = tokens.map { text.append($0, isLast: false).text }.joined()
        let rest = text.finish().text
        #expect(joined + rest == " the quick")
        let more = text.finish().text
        #expect(more == "")
    }
}
