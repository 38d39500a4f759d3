import Scheduling
import SchedulingSupport
import Testing

@Suite("Scheduler")
struct SchedulerTests {
    @Test("a sequence is prefilled, then a token is sampled in each batch until it has all it asked for")
    func oneSequence() throws {
        var scheduler = ready()
        try scheduler.submit([generate(1, prompt: [10, 11, 12], maximumTokens: 2)])
        let prefill = try sent(&scheduler)
        #expect(prefill.slices.map(\.tokens) == [[10, 11, 12]])
        #expect(prefill.slices.map(\.blockTable) == [[0]])
        #expect(prefill.slices.map(\.samples) == [true])
        #expect(progress(scheduler.complete(BatchOutcome(batch: prefill.id, sampled: [1: 20]))) == [.sampled(20)])
        let decode = try sent(&scheduler)
        #expect(decode.slices.map(\.start) == [3])
        #expect(decode.slices.map(\.tokens) == [[20]])
        #expect(decode.id > prefill.id)
        #expect(progress(scheduler.complete(BatchOutcome(batch: decode.id, sampled: [1: 21]))) == [.sampledLast(21)])
        #expect(scheduler.isIdle && scheduler.freeBlocks == 8)
        #expect(scheduler.nextBatch() == nil)
    }

    @Test("a long prompt goes in chunks, each with the blocks of the positions so far")
    func chunks() throws {
        var scheduler = ready(batchRows: 20)
        try scheduler.submit([generate(1, prompt: Array(0..<45), maximumTokens: 1)])
        var chunks: [ScheduledSlice] = []
        var last: [SequenceProgress] = []
        while let batch = scheduler.nextBatch() {
            chunks += batch.slices
            last = progress(
                scheduler.complete(BatchOutcome(batch: batch.id, sampled: batch.slices[0].samples ? [1: 7] : [:])))
        }
        #expect(chunks.map(\.tokens.count) == [20, 20, 5])
        #expect(chunks.map(\.start) == [0, 20, 40])
        #expect(chunks.map(\.blockTable) == [[0, 1], [0, 1, 2], [0, 1, 2]])
        #expect(chunks.map(\.samples) == [false, false, true])
        #expect(last == [.sampledLast(7)])
    }

    @Test("single tokens go before prompts, which fill what is left of a batch")
    func decodeBeforePrefill() throws {
        var scheduler = ready(batchRows: 4)
        try scheduler.submit([generate(1, prompt: [1], maximumTokens: 9)])
        let first = try sent(&scheduler)
        _ = scheduler.complete(BatchOutcome(batch: first.id, sampled: [1: 5]))
        try scheduler.submit([
            generate(2, prompt: [1, 2, 3, 4, 5], maximumTokens: 1), generate(3, prompt: [6], maximumTokens: 1),
        ])
        let second = try sent(&scheduler)
        #expect(second.slices.map(\.sequence) == [1, 2])
        #expect(second.slices.map(\.tokens.count) == [1, 3])
        #expect(
            progress(scheduler.complete(BatchOutcome(batch: second.id, sampled: [1: 5]))) == [.sampled(5), .prefilled])
        #expect(scheduler.nextBatch()?.slices.map(\.sequence) == [1, 2, 3])
    }

    @Test("scored rows are the rows from the first on, in each chunk")
    func score() throws {
        var scheduler = ready(batchRows: 4)
        try scheduler.submit([SequenceRequest(id: 1, tokens: Array(0..<10), purpose: .score(firstRow: 5))])
        var rows: [Range<Int>?] = []
        var all: [SequenceProgress] = []
        while let batch = scheduler.nextBatch() {
            rows += batch.slices.map(\.scoredRows)
            all += progress(scheduler.complete(BatchOutcome(batch: batch.id, sampled: [:])))
        }
        #expect(rows == [nil, 1..<4, 0..<2])
        #expect(all == [.prefilled, .scored, .scoredLast])
    }

    @Test("on one machine one batch is in flight at a time, and only its own result is taken")
    func oneInFlight() throws {
        var scheduler = ready()
        try scheduler.submit([generate(1, prompt: [1], maximumTokens: 3)])
        let batch = try sent(&scheduler)
        #expect(scheduler.batchesInFlight(pipeline: 0) == [batch])
        #expect(scheduler.nextBatch() == nil)
        #expect(scheduler.complete(BatchOutcome(batch: batch.id + 1, sampled: [1: 2])) == nil)
        #expect(scheduler.complete(BatchOutcome(batch: batch.id, sampled: [:])) == nil, "its token is missing")
        #expect(scheduler.complete(BatchOutcome(batch: batch.id, sampled: [1: 2])) != nil)
        #expect(scheduler.complete(BatchOutcome(batch: batch.id, sampled: [1: 2])) == nil, "a result comes once")
    }

    @Test("of one client first in, first served: a small sequence waits behind a large one that has no blocks yet")
    func firstInFirstServed() throws {
        var scheduler = ready(blocks: 3)
        try scheduler.submit([generate(1, prompt: Array(0..<32), maximumTokens: 9)])
        try scheduler.submit([generate(2, prompt: Array(50..<82), maximumTokens: 9)])
        try scheduler.submit([generate(3, prompt: [99], maximumTokens: 1)])
        #expect(scheduler.nextBatch()?.slices.map(\.sequence) == [1])
        #expect(scheduler.runningCount == 1 && scheduler.waitingCount == 2 && scheduler.freeBlocks == 1)
        scheduler.finish(1)
        #expect(progress(scheduler.complete(BatchOutcome(batch: 1))) == [.gone])
        #expect(scheduler.nextBatch()?.slices.map(\.sequence) == [2, 3])
    }

    @Test("a sequence takes a block when it comes to need it: the last token sampled is not run")
    func takesBlocksAsItGrows() throws {
        var scheduler = ready()
        try scheduler.submit([generate(1, prompt: Array(0..<15), maximumTokens: 3)])
        var free: [Int] = []
        while let batch = scheduler.nextBatch() {
            free.append(scheduler.freeBlocks)
            _ = scheduler.complete(BatchOutcome(batch: batch.id, sampled: [1: 7]))
        }
        #expect(free == [7, 7, 6], "positions 0 to 14, then 15, then 16")
        #expect(scheduler.freeBlocks == 8)
    }

    @Test("a sequence that is finished frees its blocks at once, or when its batch comes back")
    func finish() throws {
        var scheduler = ready()
        try scheduler.submit([generate(1, prompt: [1], maximumTokens: 9), generate(2, prompt: [2], maximumTokens: 9)])
        let batch = try sent(&scheduler)
        scheduler.finish(1)
        #expect(scheduler.freeBlocks == 6 && scheduler.runningCount == 2, "the batch still writes into its blocks")
        #expect(progress(scheduler.complete(BatchOutcome(batch: batch.id, sampled: [2: 3]))) == [.gone, .sampled(3)])
        #expect(scheduler.freeBlocks == 7)
        scheduler.finish(2)
        scheduler.finish(2)
        scheduler.finish(77)
        #expect(scheduler.isIdle && scheduler.freeBlocks == 8)
    }

    private func ready(blocks: Int = 8, batchRows: Int = 512) -> Scheduler {
        var scheduler = Scheduler(context: 64, limits: SchedulerLimits(batchRows: batchRows))
        scheduler.pipelinesReady([.alone(blocks: blocks)])
        return scheduler
    }

    private func generate(_ id: SequenceID, prompt: [Int32], maximumTokens: Int) -> SequenceRequest {
        SequenceRequest(id: id, tokens: prompt, purpose: .generate(maximumTokens: maximumTokens))
    }

    private func sent(_ scheduler: inout Scheduler) throws -> ScheduledBatch {
        let batch = scheduler.nextBatch()
        return try #require(batch)
    }

    private func progress(_ result: [SequenceStep]?) -> [SequenceProgress] {
        result?.map(\.progress) ?? []
    }
}
