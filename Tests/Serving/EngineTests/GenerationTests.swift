import Messages
import Scheduling
import ServingSupport
import Testing

@Suite("Continuing a text")
struct GenerationTests {
    private let prompt = "Once upon a time"

    private func pipeline(drawing text: String, context: Int = 48) throws -> TestPipeline {
        let promptCount = try Demo.tokens(prompt).count
        return try TestPipeline(
            context: context, stage: FakeStage(script: try Demo.tokens(text), promptCount: promptCount))
    }

    @Test("pieces joined are the text, tokens and offsets go on without a gap, and Done counts them")
    func oneSequence() throws {
        let answer = " there was a little house, and naïve 🙂 people lived in it"
        let tokens = try Demo.tokens(answer)
        let pipeline = try pipeline(drawing: answer)
        pipeline.send(
            .generate(
                Generate(
                    requestID: 1, prompt: .text(prompt), maximumTokens: UInt32(tokens.count), logprobs: true,
                    alternatives: 2)))
        try pipeline.run()
        #expect(pipeline.text() == answer)
        #expect(pipeline.tokens() == tokens)
        var offset: UInt32 = 0
        for piece in pipeline.pieces() {
            #expect(piece.tokenOffset == offset)
            #expect(piece.logprobs.map(\.token) == piece.tokens)
            #expect(piece.logprobs.allSatisfy { $0.alternatives.count == 2 })
            #expect(String(validating: piece.text, as: UTF8.self) != nil)
            offset += UInt32(piece.tokens.count)
        }
        let promptTokens = UInt32(try Demo.tokens(prompt).count)
        #expect(
            pipeline.dones() == [
                Done(
                    requestID: 1, index: 0, reason: .length, seed: 1, promptTokens: promptTokens,
                    generatedTokens: UInt32(tokens.count))
            ])
        #expect(pipeline.isClean)
    }

    @Test("each of n sequences has its index, its own text and its own Done")
    func sequences() throws {
        let pipeline = try TestPipeline(
            stage: FakeStage { tokens, slice in Int32(100 * slice.index) + Int32(tokens.count) })
        pipeline.send(
            .generate(Generate(requestID: 1, prompt: .tokens([7, 8, 9]), maximumTokens: 4, sequences: 3)))
        try pipeline.run()
        for index in UInt32(0)..<3 {
            let expected = (3..<7).map { Int32(100 * index) + $0 }
            #expect(pipeline.tokens(index: index) == expected)
            #expect(try pipeline.text(index: index) == Demo.text(expected))
        }
        #expect(pipeline.dones().map(\.index).sorted() == [0, 1, 2])
        #expect(pipeline.dones().allSatisfy { $0.reason == .length && $0.generatedTokens == 4 })
        #expect(pipeline.isClean)
    }

    @Test("a stop string that spans tokens ends the text before it, and none of it is shown")
    func stopString() throws {
        let answer = " the quick brown fox jumps"
        #expect(try Demo.tokens(answer).count > 4)
        let pipeline = try pipeline(drawing: answer)
        pipeline.send(
            .generate(
                Generate(
                    requestID: 1, prompt: .text(prompt), maximumTokens: 20,
                    stopStrings: ["never said", "ck brow"].map { Array($0.utf8) })))
        try pipeline.run()
        #expect(pipeline.text() == " the qui")
        #expect(pipeline.dones().map(\.reason) == [.stop])
        #expect(pipeline.dones().first?.generatedTokens == UInt32(pipeline.tokens().count))
        #expect(pipeline.isClean)
    }

    @Test("text that began like a stop string is shown when the length ends it")
    func heldBackAtTheEnd() throws {
        let answer = " the quick"
        let pipeline = try pipeline(drawing: answer)
        let count = UInt32(try Demo.tokens(answer).count)
        pipeline.send(
            .generate(
                Generate(
                    requestID: 1, prompt: .text(prompt), maximumTokens: count,
                    stopStrings: [Array(" the quick red".utf8)])))
        try pipeline.run()
        #expect(pipeline.text() == answer)
        #expect(pipeline.dones().map(\.reason) == [.length])
    }

    @Test("a stop token ends the text and is no part of it")
    func stopToken() throws {
        let pipeline = try TestPipeline(stage: FakeStage(script: [10, 11, 12, 13], promptCount: 2))
        pipeline.send(
            .generate(Generate(requestID: 1, prompt: .tokens([1, 2]), maximumTokens: 9, stopTokens: [4_000, 12])))
        try pipeline.run()
        #expect(pipeline.tokens() == [10, 11])
        #expect(try pipeline.text() == Demo.text([10, 11]))
        #expect(pipeline.dones().map(\.reason) == [.stop])
        #expect(pipeline.isClean)
    }

    @Test("end of text stops, unless it is to be ignored", arguments: [false, true])
    func endOfText(ignored: Bool) throws {
        let script = [10, Demo.endOfText, 11, 12]
        let pipeline = try TestPipeline(stage: FakeStage(script: script, promptCount: 1))
        pipeline.send(
            .generate(Generate(requestID: 1, prompt: .tokens([1]), maximumTokens: 4, ignoreEndOfText: ignored)))
        try pipeline.run()
        #expect(pipeline.tokens() == (ignored ? script : [10]))
        #expect(pipeline.dones().map(\.reason) == [ignored ? .length : .stop])
    }

    @Test("a stop token as the very first leaves an empty answer")
    func stopsAtOnce() throws {
        let pipeline = try TestPipeline(stage: FakeStage { _, _ in Demo.endOfText })
        pipeline.send(.generate(Generate(requestID: 1, prompt: .text(prompt))))
        try pipeline.run()
        #expect(pipeline.pieces() == [])
        #expect(pipeline.dones().map(\.generatedTokens) == [0])
    }

    @Test("no tokens asked for: Done at once, without a batch")
    func nothingToDo() throws {
        let pipeline = try TestPipeline(context: 8)
        pipeline.send(.generate(Generate(requestID: 1, prompt: .text("a"), maximumTokens: 0, sequences: 2)))
        #expect(pipeline.engine.nextBatch() == nil)
        #expect(pipeline.dones(1).map(\.reason) == [.length, .length])
        #expect(pipeline.isClean)
    }

    @Test("the text ends where the context does")
    func contextEnds() throws {
        let pipeline = try TestPipeline(context: 8)
        pipeline.send(.generate(Generate(requestID: 1, prompt: .tokens([1, 2, 3]), maximumTokens: .max)))
        try pipeline.run()
        // The last token is sampled after the eighth position, and needs none itself.
        #expect(pipeline.dones().map(\.generatedTokens) == [6])
        #expect(pipeline.dones().map(\.reason) == [.length])
    }

    @Test("an empty prompt starts from end of text, and is refused where the model has none")
    func emptyPrompt() throws {
        let pipeline = try TestPipeline()
        pipeline.send(.generate(Generate(requestID: 1, prompt: .text(""), maximumTokens: 1)))
        #expect(pipeline.engine.nextBatch()?.slices.map(\.tokens) == [[Demo.endOfText]])
        let without = try TestPipeline(endOfText: nil)
        without.send(.generate(Generate(requestID: 1, prompt: .tokens([]))))
        #expect(without.failure()?.message == "the prompt is empty")
    }

    @Test("a seed is chosen once for a request that brings none, used for all its sequences and reported")
    func seeds() throws {
        var seeds: [UInt64] = []
        let newSeed: () -> UInt64 = {
            seeds.append(UInt64(seeds.count) + 40)
            return seeds[seeds.count - 1]
        }
        let pipeline = try TestPipeline(seeds: newSeed)
        pipeline.send(.generate(Generate(requestID: 1, prompt: .text("a"), maximumTokens: 2, sequences: 3)))
        pipeline.send(
            .generate(
                Generate(
                    requestID: 2, prompt: .text("a"), maximumTokens: 2, parameters: RequestedSampling(seed: 7))))
        pipeline.send(.generate(Generate(requestID: 3, prompt: .text("a"), maximumTokens: 2)))
        let batch = try pipeline.batch()
        #expect(batch.slices.map { $0.sample?.parameters.seed } == [40, 40, 40, 7, 41])
        try pipeline.complete(pipeline.stage.run(batch))
        try pipeline.run()
        #expect(seeds == [40, 41])
        #expect([1, 2, 3].map { Set(pipeline.dones($0).map(\.seed)) } == [[40], [7], [41]])
    }

    @Test("a seed that is chosen fits a double, one that is given need not")
    func largeSeeds() throws {
        let pipeline = try TestPipeline(seeds: { .max - 1 })
        pipeline.send(.generate(Generate(requestID: 1, prompt: .text("a"), maximumTokens: 1)))
        let large = RequestedSampling(seed: .max)
        pipeline.send(.generate(Generate(requestID: 2, prompt: .text("a"), maximumTokens: 1, parameters: large)))
        try pipeline.run()
        #expect(pipeline.dones(1).map(\.seed) == [1 << 53 - 2] && pipeline.dones(2).map(\.seed) == [.max])
    }

    @Test("a text that ends before its maximum because the context is full says so")
    func contextFull() throws {
        let pipeline = try TestPipeline(context: 8)
        for (id, maximum) in [(1, 3), (2, 6), (3, 100)] as [(UInt64, UInt32)] {
            pipeline.send(
                .generate(Generate(requestID: id, prompt: .tokens([1, 2, 3]), maximumTokens: maximum)))
        }
        try pipeline.run()
        let dones = [1, 2, 3].flatMap { pipeline.dones($0) }
        #expect(dones.map(\.reason) == [.length, .length, .length])
        #expect(dones.map(\.generatedTokens) == [3, 6, 6])
        #expect(dones.map(\.isContextFull) == [false, false, true])
    }

    @Test("the tokens so far travel only where a penalty needs them")
    func history() throws {
        let pipeline = try TestPipeline(stage: FakeStage(script: [10, 11, 12], promptCount: 2))
        let penalised = RequestedSampling(frequencyPenalty: 0.5)
        pipeline.send(
            .generate(Generate(requestID: 1, prompt: .tokens([1, 2]), maximumTokens: 3, parameters: penalised)))
        pipeline.send(.generate(Generate(requestID: 2, prompt: .tokens([3, 4]), maximumTokens: 3)))
        try pipeline.step()
        let batch = try pipeline.batch()
        #expect(batch.slices.map { $0.sample?.history } == [[1, 2, 10], []])
        #expect(batch.slices.map { $0.sample?.promptCount } == [2, 0])
    }
}
