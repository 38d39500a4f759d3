import Scheduling
import SchedulingSupport
import Testing

@Suite("Scheduler when something is refused or lost")
struct SchedulerFailureTests {
    @Test("without a pipeline nothing is taken")
    func noPipeline() {
        var scheduler = Scheduler(context: 64)
        #expect(!scheduler.hasPipeline && scheduler.blockCapacity == 0)
        #expect(refusal(&scheduler, [sequence(1)]) == .noPipeline)
        #expect(scheduler.nextBatch() == nil)
        #expect(AdmissionError.noPipeline.description == "no pipeline is ready")
    }

    @Test("a sequence that could not run even alone is refused, with both numbers; nothing of its request is taken")
    func neverFits() {
        var scheduler = ready(blocks: 2)
        let large = SequenceRequest(id: 2, tokens: Array(0..<33), purpose: .score(firstRow: 0))
        let error = refusal(&scheduler, [sequence(1), large])
        #expect(error == .neverFits(blocks: 3, capacity: 2))
        #expect(error?.description == "needs 3 KV cache blocks of 16 positions, and the cluster has 2")
        #expect(scheduler.isIdle)
    }

    @Test("a full queue refuses the whole request, and takes another when it has moved")
    func queueFull() {
        var scheduler = ready(limits: SchedulerLimits(waitingSequences: 2, runningSequences: 1))
        #expect(refusal(&scheduler, [sequence(1)]) == nil)
        let error = refusal(&scheduler, [sequence(2), sequence(3)])
        #expect(error == .queueFull(limit: 2))
        #expect(error?.description == "the queue is full: at most 2 sequences may wait")
        #expect(scheduler.waitingCount == 1)
        #expect(scheduler.nextBatch()?.slices.map(\.sequence) == [1])
        #expect(refusal(&scheduler, [sequence(2), sequence(3)]) == nil)
        #expect(scheduler.waitingCount == 2)
    }

    @Test("a lost pipeline ends all sequences that ran or waited, except those that were finished before")
    func pipelinesLost() throws {
        var scheduler = ready(limits: SchedulerLimits(runningSequences: 2))
        try scheduler.submit([sequence(1), sequence(2), sequence(3)])
        let batch = try sent(&scheduler)
        scheduler.finish(1)
        #expect(scheduler.pipelinesLost() == [2, 3])
        #expect(scheduler.isIdle && !scheduler.hasPipeline && scheduler.batchesInFlight(pipeline: 0) == [])
        #expect(
            scheduler.complete(BatchOutcome(batch: batch.id, sampled: [1: 1, 2: 2])) == nil,
            "a result from before the loss")
        scheduler.pipelinesReady([.alone(blocks: 5)])
        #expect(scheduler.freeBlocks == 5)
        try scheduler.submit([sequence(4)])
        let next = try sent(&scheduler)
        #expect(next.id > batch.id, "batch numbers are never used twice")
    }

    @Test("a batch that failed comes back without tokens, once its sequences are finished; the others go on")
    func failedBatch() throws {
        var scheduler = ready(limits: SchedulerLimits(batchRows: 2))
        try scheduler.submit([sequence(1), sequence(2), sequence(3)])
        let batch = try sent(&scheduler)
        #expect(batch.slices.map(\.sequence) == [1, 2])
        scheduler.finish(1)
        #expect(scheduler.cancelledBatches() == [], "2 is still wanted")
        #expect(scheduler.complete(BatchOutcome(batch: batch.id, sampled: [:])) == nil)
        scheduler.finish(2)
        #expect(scheduler.cancelledBatches() == [batch.id])
        #expect(scheduler.complete(BatchOutcome(batch: batch.id, sampled: [:]))?.map(\.progress) == [.gone, .gone])
        #expect(scheduler.cancelledBatches() == [] && scheduler.batchesInFlight(pipeline: 0) == [])
        #expect(scheduler.runningCount == 1 && scheduler.freeBlocks == 7)
        #expect(scheduler.nextBatch()?.slices.map(\.sequence) == [3])
    }

    @Test("a sequence that is finished while it waits is never run")
    func cancelledWhileWaiting() throws {
        var scheduler = ready(limits: SchedulerLimits(runningSequences: 1))
        try scheduler.submit([sequence(1), sequence(2), sequence(3)])
        _ = scheduler.nextBatch()
        scheduler.finish(2)
        scheduler.finish(1)
        _ = scheduler.complete(BatchOutcome(batch: 1, sampled: [:]))
        #expect(scheduler.nextBatch()?.slices.map(\.sequence) == [3])
    }

    private func ready(blocks: Int = 8, limits: SchedulerLimits = .init()) -> Scheduler {
        var scheduler = Scheduler(context: 64, limits: limits)
        scheduler.pipelinesReady([.alone(blocks: blocks)])
        return scheduler
    }

    private func sequence(_ id: SequenceID) -> SequenceRequest {
        SequenceRequest(id: id, tokens: [Int32(id)], purpose: .generate(maximumTokens: 4))
    }

    private func sent(_ scheduler: inout Scheduler) throws -> ScheduledBatch {
        let batch = scheduler.nextBatch()
        return try #require(batch)
    }

    private func refusal(_ scheduler: inout Scheduler, _ requests: [SequenceRequest]) -> AdmissionError? {
        do throws(AdmissionError) {
            try scheduler.submit(requests)
            return nil
        } catch {
            return error
        }
    }
}
