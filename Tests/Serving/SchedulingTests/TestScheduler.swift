import Scheduling
import Testing

/// A scheduler whose batches are run at once. The token sampled after a position is the number of the next position.
struct TestScheduler {
    var scheduler: Scheduler
    private(set) var batches: [ScheduledBatch] = []
    private(set) var sampled: [SequenceID: [Int32]] = [:]
    var now = 0.0

    init(
        _ pipelines: [PipelineDescription], context: Int = 1_024, limits: SchedulerLimits = .init()
    ) {
        scheduler = Scheduler(context: context, limits: limits)
        scheduler.pipelinesReady(pipelines)
    }

    mutating func generate(
        _ id: SequenceID, prompt: Int, tokens: Int, client: ClientNumber = 0, priority: SequencePriority = .normal,
        group: UInt64? = nil, first: Int32? = nil
    ) throws {
        try scheduler.submit([
            SequenceRequest(
                id: id, tokens: Self.text(prompt, first: first ?? Int32(1_000 * id)),
                purpose: .generate(maximumTokens: tokens), client: client, priority: priority, group: group)
        ])
    }

    /// A text like no other that begins with another token.
    static func text(_ count: Int, first: Int32) -> [Int32] { (0..<count).map { first + Int32($0) } }

    /// Sends the next batch.
    mutating func send(pipeline: Int = 0) -> ScheduledBatch? {
        guard let batch = scheduler.nextBatch(pipeline: pipeline) else { return nil }
        batches.append(batch)
        return batch
    }

    /// Takes back the oldest batch in flight, which took as long as the pipeline's description says.
    @discardableResult
    mutating func complete(pipeline: Int = 0, stageMilliseconds: [Double] = []) throws -> [SequenceStep] {
        let batch = try #require(scheduler.batchesInFlight(pipeline: pipeline).first)
        var tokens: [SequenceID: Int32] = [:]
        for slice in batch.slices where slice.samples {
            tokens[slice.sequence] = Int32(slice.start + slice.tokens.count)
            sampled[slice.sequence, default: []].append(Int32(slice.start + slice.tokens.count))
        }
        let steps = scheduler.complete(
            BatchOutcome(batch: batch.id, sampled: tokens, stageMilliseconds: stageMilliseconds), now: now)
        return try #require(steps)
    }

    /// One batch after the other, `count` at most, until nothing is left to do.
    mutating func run(_ count: Int = 10_000) throws {
        for _ in 0..<count {
            guard send() != nil else { return }
            try complete()
        }
    }

    /// Positions that batches ran, of a sequence.
    func rows(of id: SequenceID) -> Int {
        batches.flatMap(\.slices).filter { $0.sequence == id }.reduce(0) { $0 + $1.tokens.count }
    }
}
