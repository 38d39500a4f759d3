import Engine
import Messages
import ServingSupport
import Testing

@Suite("Tokenize and detokenize")
struct TokenizingTests {
    @Test("text to tokens and back, also while the cluster is not ready")
    func roundTrip() throws {
        let pipeline = try TestPipeline()
        pipeline.engine.refusal = "waiting for workers"
        let text = "a naïve 🙂<|endoftext|>"
        pipeline.send(.tokenize(requestID: 1, prompt: .text(text)))
        let tokens = try Demo.tokens(text)
        let warning =
            "the text holds <|endoftext|> as characters: if the token is meant, ask for special tokens "
            + "(--special-tokens)"
        #expect(
            pipeline.messages(1) == [.tokenized(Tokenized(requestID: 1, tokens: tokens, warnings: [warning]))])
        pipeline.send(.detokenize(requestID: 2, tokens: tokens))
        #expect(pipeline.messages(2) == [.detokenized(requestID: 2, text: Array(text.utf8))])
        pipeline.send(
            .tokenize(requestID: 3, prompt: Prompt(content: .text(Array(text.utf8)), specialTokens: true)))
        guard case .tokenized(let withEnd) = pipeline.messages(3).first else { throw Unexpected() }
        #expect(withEnd.tokens.last == Demo.endOfText && withEnd.tokens.count < tokens.count)
        #expect(withEnd.warnings == [])
        #expect(pipeline.isClean)
    }

    @Test("a part of a character comes back as its bytes")
    func partOfCharacter() throws {
        let tokens = try Demo.tokens("🙂")
        try #require(tokens.count > 1)
        let pipeline = try TestPipeline()
        pipeline.send(.detokenize(requestID: 1, tokens: [tokens[0]]))
        let bytes = try #require(try Demo.tokenizer().bytes(of: tokens[0]))
        #expect(pipeline.messages(1) == [.detokenized(requestID: 1, text: bytes)])
    }

    @Test("nothing gives nothing")
    func empty() throws {
        let pipeline = try TestPipeline()
        pipeline.send(.tokenize(requestID: 1, prompt: .text("")))
        pipeline.send(.detokenize(requestID: 2, tokens: []))
        #expect(pipeline.messages(1) == [.tokenized(Tokenized(requestID: 1, tokens: []))])
        #expect(pipeline.messages(2) == [.detokenized(requestID: 2, text: [])])
    }

    @Test("tokens whose text is longer than a text may be are refused")
    func longText() throws {
        var limits = RequestLimits()
        limits.promptBytes = 12
        let pipeline = try TestPipeline(limits: limits)
        pipeline.send(.detokenize(requestID: 1, tokens: [Demo.endOfText]))
        pipeline.send(.detokenize(requestID: 2, tokens: try Demo.tokens("twelve bytes")))
        #expect(pipeline.failure(1)?.message.hasPrefix("the text has more than 12 bytes") == true)
        #expect(pipeline.messages(2) == [.detokenized(requestID: 2, text: Array("twelve bytes".utf8))])
    }

    @Test("bad text and unknown tokens are refused")
    func refused() throws {
        let pipeline = try TestPipeline()
        pipeline.send(.tokenize(requestID: 1, prompt: Prompt(content: .text([0xC3, 0x28]))))
        pipeline.send(.tokenize(requestID: 2, prompt: .tokens([8_192])))
        pipeline.send(.detokenize(requestID: 3, tokens: [-5]))
        #expect(pipeline.failure(1)?.message == "the text is not UTF-8")
        #expect(pipeline.failure(2)?.message.hasPrefix("token 8192 is not in the vocabulary") == true)
        #expect(pipeline.failure(3)?.message.hasPrefix("token -5 is not in the vocabulary") == true)
        #expect(pipeline.isClean)
    }
}

struct Unexpected: Error {}
