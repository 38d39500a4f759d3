import Engine
import Messages
import SchedulingSupport
import ServingSupport
import Testing

@Suite("What a request is accepted with")
struct AcceptanceTests {
    private func accepted(_ pipeline: TestPipeline, _ requestID: UInt64 = 1) throws -> Accepted {
        try #require(pipeline.acceptances(requestID).first)
    }

    private func pipeline(_ change: (inout ServedModel) -> Void) throws -> TestPipeline {
        var model = try Demo.model()
        change(&model)
        let pipeline = try TestPipeline(seeds: { 40 })
        pipeline.engine = RequestEngine(model: model, newSeed: { 40 })
        pipeline.engine.pipelinesReady([.alone(blocks: 64)])
        return pipeline
    }

    @Test("it comes first, once, and needs no credit")
    func first() throws {
        let pipeline = try TestPipeline()
        pipeline.send(.generate(Generate(requestID: 1, prompt: .text("a b"), maximumTokens: 2, credit: 0)))
        pipeline.send(.score(Score(requestID: 2, prompt: .text("a b c"), credit: 0)))
        #expect(pipeline.messages(1) == [] && pipeline.messages(2) == [])
        #expect(try accepted(pipeline, 1).promptTokens == 2)
        let scored = try accepted(pipeline, 2)
        #expect(scored.promptTokens == 3 && scored.sampling == nil && scored.endTokens == [])
        pipeline.send(.credit(requestID: 1, pieces: 9))
        try pipeline.run()
        #expect(pipeline.acceptances(1).count == 1)
        guard case .accepted = pipeline.sent[TestPipeline.client]?.first else { throw Unexpected() }
    }

    @Test("what a request leaves out is as the model says, and plain where it says nothing")
    func defaults() throws {
        let pipeline = try pipeline {
            $0.samplingDefaults = SamplingSettings(temperature: 0.7, topK: 40, topP: 0.9, repetitionPenalty: 1.2)
        }
        let given = RequestedSampling(temperature: 1, topK: 0, minP: 0.1, presencePenalty: 0.5, seed: 3)
        pipeline.send(.generate(Generate(requestID: 1, prompt: .text("a"), parameters: given)))
        pipeline.send(.generate(Generate(requestID: 2, prompt: .text("a"))))
        let first = SamplingSettings(
            temperature: 1, topK: 0, topP: 0.9, minP: 0.1, repetitionPenalty: 1.2, presencePenalty: 0.5, seed: 3)
        let second = SamplingSettings(temperature: 0.7, topK: 40, topP: 0.9, repetitionPenalty: 1.2, seed: 40)
        #expect(try accepted(pipeline, 1).sampling == first)
        #expect(try accepted(pipeline, 2).sampling == second)
        let batch = try pipeline.batch()
        #expect(batch.slices.map { $0.sample?.parameters } == [first, second])
        #expect(batch.slices.map { $0.sample?.history } == [try Demo.tokens("a"), try Demo.tokens("a")])
    }

    @Test("any of the model's end tokens stops a text, and none where they are to be ignored")
    func endTokens() throws {
        for (ignored, end) in [(false, [11, 12]), (true, [])] as [(Bool, [Int32])] {
            let pipeline = try pipeline { $0.endTokens = [11, 12] }
            pipeline.stage = FakeStage(script: [10, 12, 11, 10], promptCount: 1)
            pipeline.send(
                .generate(Generate(requestID: 1, prompt: .tokens([1]), maximumTokens: 4, ignoreEndOfText: ignored)))
            try pipeline.run()
            #expect(try accepted(pipeline).endTokens == end)
            #expect(pipeline.tokens() == (ignored ? [10, 12, 11, 10] : [10]))
            #expect(pipeline.dones().map(\.reason) == [ignored ? .length : .stop])
        }
    }

    @Test("a text with a special token's spelling gets one warning, and none where it means the token")
    func warnings() throws {
        let pipeline = try pipeline { $0.notices = ["asks for beams"] }
        let text = Array("a<|endoftext|>b<|endoftext|>".utf8)
        pipeline.send(.generate(Generate(requestID: 1, prompt: Prompt(content: .text(text)))))
        let warnings = try accepted(pipeline).warnings
        #expect(warnings.count == 2 && warnings[0].contains("<|endoftext|>") && warnings[1] == "asks for beams")
        pipeline.send(.score(Score(requestID: 2, prompt: Prompt(content: .text(text), specialTokens: true))))
        let scored = try accepted(pipeline, 2)
        #expect(scored.warnings == [] && scored.promptTokens == 4)
        pipeline.send(.score(Score(requestID: 3, prompt: Prompt(content: .text(text)))))
        #expect(try accepted(pipeline, 3).warnings == [warnings[0]])
        pipeline.send(.generate(Generate(requestID: 4, prompt: .text("a <| b"))))
        #expect(try accepted(pipeline, 4).warnings == ["asks for beams"])
    }

    @Test("model, tokenizer and arithmetic are named")
    func identity() throws {
        let pipeline = try TestPipeline()
        pipeline.send(.score(Score(requestID: 1, prompt: .text("a"))))
        let accepted = try accepted(pipeline)
        #expect(accepted.numericsVersion == Demo.numericsVersion)
        #expect(accepted.modelSHA256 == Demo.digest(201) && accepted.tokenizerSHA256 == Demo.digest(202))
    }

    @Test("a request that is refused is not accepted before")
    func refused() throws {
        let pipeline = try TestPipeline()
        pipeline.send(.score(Score(requestID: 1, prompt: .text(""))))
        #expect(pipeline.acceptances(1) == [] && pipeline.failure(1) != nil)
    }

    @Test("token ids as bits: bit i % 8 of byte i / 8")
    func bits() {
        #expect(ServedModel.bits(of: [], vocabularySize: 9) == nil)
        #expect(ServedModel.bits(of: [0, 7, 8], vocabularySize: 9) == [0b1000_0001, 1])
        #expect(ServedModel.bits(of: [3], vocabularySize: 16) == [8, 0])
    }
}
