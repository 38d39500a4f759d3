import Messages
import Scheduling
import Testing

@Suite("What comes back from the last stage")
struct ResultTests {
    private func generate(_ requestID: UInt64, sequences: UInt32 = 1) -> ClientRequest {
        .generate(Generate(requestID: requestID, prompt: .tokens([1, 2, 3]), maximumTokens: 4, sequences: sequences))
    }

    @Test("an error of one sequence fails its request, all of it, and no other")
    func sequenceError() throws {
        let pipeline = try TestPipeline()
        pipeline.send(generate(1, sequences: 2))
        pipeline.send(generate(2))
        let batch = try pipeline.batch()
        var result = pipeline.stage.run(batch)
        result.sequences[1] = SequenceResult(sequenceID: result.sequences[1].sequenceID, error: "topP is 7")
        try pipeline.complete(result)
        try pipeline.run()
        #expect(pipeline.failure(1)?.message == "topP is 7" && pipeline.failure(1)?.code == .badRequest)
        #expect(pipeline.messages(1).count == 1)
        #expect(pipeline.dones(2).map(\.generatedTokens) == [4])
        #expect(pipeline.cancelled == [])
        #expect(pipeline.isClean)
    }

    @Test("an error of the batch fails all that is in it, and what waits goes on")
    func batchError() throws {
        let pipeline = try TestPipeline(scheduler: SchedulerLimits(runningSequences: 2))
        for requestID in UInt64(1)...3 { pipeline.send(generate(requestID)) }
        let batch = try pipeline.batch()
        try pipeline.complete(BatchResult(batchID: batch.batchID, error: "layer 3: not a number"))
        try pipeline.run()
        for requestID in UInt64(1)...2 {
            #expect(pipeline.failure(requestID)?.code == .internal)
            #expect(pipeline.failure(requestID)?.message == "layer 3: not a number")
        }
        #expect(pipeline.dones(3).map(\.generatedTokens) == [4])
        #expect(pipeline.cancelled == [])
        #expect(pipeline.isClean)
    }

    @Test("an answer to another batch is none, and the right one still counts")
    func wrongBatch() throws {
        let pipeline = try TestPipeline()
        #expect(pipeline.rejects(BatchResult(batchID: 1)))
        pipeline.send(generate(1))
        let batch = try pipeline.batch()
        var result = pipeline.stage.run(batch)
        result.batchID += 1
        #expect(pipeline.rejects(result))
        result.batchID -= 1
        try pipeline.complete(result)
        #expect(pipeline.rejects(result))
        try pipeline.run()
        #expect(pipeline.tokens().count == 4)
    }

    @Test(
        "a result that lacks what was asked for is no answer",
        arguments: [
            { $0.sequences = [] },
            { $0.sequences[0].sampled = nil },
            { $0.sequences[0].sampled?.token = -1 },
            { $0.sequences[0].sampled?.token = 8_192 },
            { $0.sequences[1].scores = [] },
            { $0.sequences[1].scores.removeLast() },
            { $0.sequences[1].scores.append(TokenResult(token: 1, logprob: 0)) },
            { $0.sequences.removeLast() },
            { $0.cancelled = true },
        ] as [@Sendable (inout BatchResult) -> Void])
    func incomplete(change: @Sendable (inout BatchResult) -> Void) throws {
        let pipeline = try TestPipeline()
        pipeline.send(generate(1))
        pipeline.send(.score(Score(requestID: 2, prompt: .tokens([1, 2, 3, 4]))))
        let batch = try pipeline.batch()
        let result = pipeline.stage.run(batch)
        var changed = result
        change(&changed)
        let before = pipeline.sent
        #expect(pipeline.rejects(changed))
        #expect(pipeline.sent == before)
        try pipeline.complete(result)
        try pipeline.run()
        #expect(pipeline.dones(1).count == 1 && pipeline.dones(2).count == 1)
        #expect(pipeline.isClean)
    }

    @Test("a useless result with one sequence's error loses no request: all hear of the end")
    func uselessWithError() throws {
        let pipeline = try TestPipeline()
        pipeline.send(generate(1))
        pipeline.send(generate(2))
        let batch = try pipeline.batch()
        var result = pipeline.stage.run(batch)
        result.sequences[0] = SequenceResult(sequenceID: result.sequences[0].sequenceID, error: "no")
        result.sequences[1].sampled?.token = -7
        #expect(pipeline.rejects(result))
        pipeline.take(pipeline.engine.pipelinesLost("its result is no answer"))
        #expect(pipeline.failure(1) != nil && pipeline.failure(2) != nil)
    }

    @Test("results for sequences that were not in the batch change nothing")
    func strangers() throws {
        let pipeline = try TestPipeline(scheduler: SchedulerLimits(runningSequences: 1))
        pipeline.send(generate(1))
        pipeline.send(generate(2))
        let batch = try pipeline.batch()
        var result = pipeline.stage.run(batch)
        let other = result.sequences[0].sequenceID + 1
        result.sequences.append(SequenceResult(sequenceID: other, error: "not mine"))
        result.sequences.append(SequenceResult(sequenceID: .max, sampled: TokenResult(token: -3, logprob: 0)))
        try pipeline.complete(result)
        try pipeline.run()
        #expect(pipeline.dones(1).count == 1 && pipeline.dones(2).count == 1)
    }

    @Test("a prompt cut into chunks samples its token after the last")
    func chunks() throws {
        let pipeline = try TestPipeline(
            scheduler: SchedulerLimits(batchRows: 5), stage: FakeStage { tokens, _ in Int32(tokens.count) })
        let prompt = (0..<23).map { Int32($0) }
        pipeline.send(.generate(Generate(requestID: 1, prompt: .tokens(prompt), maximumTokens: 3, sequences: 2)))
        try pipeline.run()
        #expect(pipeline.tokens(index: 0) == [23, 24, 25] && pipeline.tokens(index: 1) == [23, 24, 25])
        #expect(pipeline.isClean)
    }

    @Test("counts of requests and tokens for the status grow")
    func counts() throws {
        let pipeline = try TestPipeline()
        pipeline.send(generate(1, sequences: 2))
        try pipeline.run()
        pipeline.send(generate(2))
        pipeline.send(.cancel(requestID: 2))
        #expect(pipeline.engine.finishedRequests == 2)
        #expect(pipeline.engine.generatedTokens == 8)
    }
}
