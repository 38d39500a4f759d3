import Messages
import Scheduling
import SchedulingSupport
import ServingSupport
import Testing

@Suite("Requests that end early")
struct EndingTests {
    private func pipeline(scheduler: SchedulerLimits = .init()) throws -> TestPipeline {
        try TestPipeline(scheduler: scheduler, stage: FakeStage { tokens, _ in Int32(100 + tokens.count) })
    }

    private func generate(_ requestID: UInt64, sequences: UInt32 = 1, credit: UInt32 = 64) -> ClientRequest {
        .generate(
            Generate(
                requestID: requestID, prompt: .tokens([1, 2, 3]), maximumTokens: 8, sequences: sequences,
                credit: credit))
    }

    @Test("a cancel shows what was sampled, credit or not, and frees the blocks")
    func cancel() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(1, sequences: 2, credit: 0))
        try pipeline.step()
        try pipeline.step()
        pipeline.send(.cancel(requestID: 1))
        #expect(pipeline.tokens(index: 0) == [103, 104] && pipeline.tokens(index: 1) == [103, 104])
        #expect(pipeline.dones().map(\.reason) == [.cancelled, .cancelled])
        #expect(pipeline.dones().map(\.generatedTokens) == [2, 2])
        #expect(pipeline.cancelled == [])
        #expect(pipeline.isClean)
        let before = pipeline.messages().count
        pipeline.send(.cancel(requestID: 1))
        pipeline.send(.cancel(requestID: 77))
        #expect(pipeline.messages().count == before)
    }

    @Test("a cancel shows also text that might have become a stop string, or half a character")
    func cancelShowsHeldBackText() throws {
        let sampled = try Demo.tokens(" the quick") + [Demo.tokens("🙂")[0]]
        let pipeline = try TestPipeline(stage: FakeStage(script: sampled, promptCount: 1))
        pipeline.send(
            .generate(
                Generate(
                    requestID: 1, prompt: .tokens([1]), maximumTokens: 30, stopStrings: [Array(" the quick red".utf8)]))
        )
        for _ in sampled { try pipeline.step() }
        pipeline.send(.cancel(requestID: 1))
        #expect(pipeline.tokens() == sampled)
        #expect(try pipeline.text() == Demo.text(sampled))
    }

    @Test("a sequence that had ended keeps its reason when the others are cancelled")
    func cancelOthers() throws {
        let pipeline = try TestPipeline(stage: FakeStage { _, slice in slice.index == 0 ? Demo.endOfText : 50 })
        pipeline.send(generate(1, sequences: 2, credit: 0))
        try pipeline.step()
        pipeline.send(.cancel(requestID: 1))
        #expect(pipeline.dones().map(\.reason) == [.stop, .cancelled])
        #expect(pipeline.isClean)
    }

    @Test("a batch is cancelled, once, when nobody wants any of it any more; its empty result frees the blocks")
    func cancelledBatch() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(1))
        pipeline.send(generate(2, sequences: 2))
        let batch = try pipeline.batch()
        pipeline.send(.cancel(requestID: 1))
        #expect(pipeline.cancelled == [])
        pipeline.send(.cancel(requestID: 2))
        #expect(pipeline.cancelled == [batch.batchID])
        #expect(pipeline.dones(1).count == 1 && pipeline.dones(2).count == 2)
        // Others that come and go meanwhile do not ask for it again.
        pipeline.send(generate(3))
        pipeline.send(.cancel(requestID: 3))
        #expect(pipeline.cancelled == [batch.batchID])
        #expect(pipeline.engine.nextBatch() == nil)
        let before = pipeline.sent
        try pipeline.complete(BatchResult(batchID: batch.batchID, cancelled: true))
        #expect(pipeline.sent == before)
        #expect(pipeline.isClean)
    }

    @Test("a batch that had begun all the same comes back with tokens nobody wants")
    func cancelledTooLate() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(1))
        let batch = try pipeline.batch()
        pipeline.send(.cancel(requestID: 1))
        let before = pipeline.sent
        try pipeline.complete(pipeline.stage.run(batch))
        #expect(pipeline.sent == before)
        #expect(pipeline.isClean)
    }

    @Test("a client that is gone is sent nothing, and the others go on")
    func clientGone() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(1, sequences: 2))
        pipeline.send(generate(2, credit: 0))
        pipeline.send(.score(Score(requestID: 3, prompt: .tokens([1, 2, 3, 4]))))
        pipeline.send(generate(1), from: [2])
        try pipeline.step()
        let batch = try pipeline.batch()
        let before = pipeline.sent[TestPipeline.client]
        pipeline.take(pipeline.engine.clientGone(TestPipeline.client))
        #expect(pipeline.cancelled == [])
        pipeline.take(pipeline.engine.clientGone([2]))
        #expect(pipeline.cancelled == [batch.batchID])
        pipeline.take(pipeline.engine.clientGone([3]))
        try pipeline.complete(pipeline.stage.run(batch))
        try pipeline.run()
        #expect(pipeline.sent[TestPipeline.client] == before)
        #expect(pipeline.isClean)
    }

    @Test("a client that waits for what is not running is told so, and for what is, nothing")
    func waiting() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(1))
        pipeline.send(generate(2), from: [2])
        pipeline.send(.waiting(requestIDs: [1, 2, 3]))
        #expect(pipeline.messages(1) == [])
        #expect([2, 3].map { pipeline.failure($0)?.code } == [.unavailable, .unavailable])
        #expect([2, 3].map { pipeline.failure($0)?.retryMilliseconds } == [0, 0])
        try pipeline.run()
        #expect(pipeline.dones(1).count == 1 && pipeline.dones(2, client: [2]).count == 1)
    }

    @Test("a lost pipeline fails everything with its reason, and the next one starts afresh")
    func pipelineLost() throws {
        let pipeline = try pipeline(scheduler: SchedulerLimits(runningSequences: 1))
        pipeline.send(generate(1))
        pipeline.send(generate(2, credit: 0))
        pipeline.send(.score(Score(requestID: 1, prompt: .tokens([1, 2, 3]))), from: [2])
        let batch = try pipeline.batch()
        pipeline.take(pipeline.engine.pipelinesLost("worker 'b' is gone"))
        for failure in [pipeline.failure(1), pipeline.failure(2), pipeline.failure(1, client: [2])] {
            #expect(failure?.code == .unavailable && failure?.retryMilliseconds == 1_000)
            #expect(failure?.message == "worker 'b' is gone")
        }
        #expect(pipeline.engine.isIdle && pipeline.engine.nextBatch() == nil)
        pipeline.engine.pipelinesReady([.alone(blocks: 8)])
        #expect(pipeline.rejects(pipeline.stage.run(batch)))
        pipeline.send(generate(4))
        try pipeline.run()
        #expect(pipeline.dones(4).map(\.reason) == [.length])
        #expect(pipeline.isClean)
    }
}
