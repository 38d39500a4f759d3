import Scheduling
import TestSupport

/// A scheduler under random events: clients come and go, batches complete or fail, and the pipelines are lost and come
/// back. What the scheduler says is compared with what clients know (``ClientLedger``), and with the caches of two stages
/// of each pipeline: one runs a batch when it is sent, the other when it comes back.
struct SchedulerSimulation {
    /// Something that a scheduler told its shell.
    enum Action: Equatable {
        case refuse(AdmissionError)
        case send(ScheduledBatch)
        case tell(SequenceID, SequenceProgress)
        case end([SequenceID])
    }

    private(set) var actions: [Action] = []
    private(set) var accepted = 0
    var completed: Int { ledger.completed }
    private(set) var statistics = SchedulerStatistics()
    private(set) var mostInFlight = 0
    private var scheduler: Scheduler
    private let limits: SchedulerLimits
    private let context: Int
    private var random: SplitMix64
    private var ledger = ClientLedger()
    private var early: [CacheMemory] = []
    private var late: [CacheMemory] = []
    private var now = 0.0
    private var lastID: SequenceID = 0
    private var lastBatch: UInt64 = 0
    /// Entries in the workers' answers that nobody asked for: they must change nothing.
    private let answersUnasked: Bool

    init(seed: UInt64, answersUnasked: Bool = false) {
        random = SplitMix64(seed: seed)
        limits = SchedulerLimits(
            batchRows: random.int(1...40), waitingSequences: random.int(1...10), runningSequences: random.int(1...8),
            stepMilliseconds: Double(random.int(1...30)), batchesInFlight: random.int(1...5))
        context = random.int(2...70)
        scheduler = Scheduler(context: context, limits: limits)
        self.answersUnasked = answersUnasked
    }

    /// Runs that many events, then lets all that is left finish.
    mutating func run(events: Int) throws(Violation) {
        for _ in 0..<events {
            try step()
            try compare()
        }
        var batchesLeft = ledger.live.values.reduce(10) { $0 + 20 * ($1.tokens.count + context) }
        while !ledger.live.isEmpty {
            for pipeline in 0..<scheduler.pipelineCount { try next(pipeline) }
            for pipeline in 0..<scheduler.pipelineCount { try complete(pipeline) }
            try compare()
            batchesLeft -= 1
            try check(batchesLeft > 0, "accepted sequences never finish: \(ledger.live.keys.sorted())")
        }
        try check(scheduler.freeBlocks == scheduler.blockCapacity, "blocks leaked: \(scheduler.freeBlocks) free")
        try check(scheduler.isIdle && scheduler.waitingCount == 0, "something is left over")
    }

    private mutating func step() throws(Violation) {
        now += Double(random.int(0...20))
        if !scheduler.hasPipeline, random.chance(60) { bringUp() }
        let pipeline = random.int(0...max(0, scheduler.pipelineCount - 1))
        switch random.int(0...99) {
        case ..<20: try submit()
        case ..<52: try next(pipeline)
        case ..<84: try complete(pipeline)
        case ..<91: cancel()
        case ..<93: try fail(pipeline)
        case ..<95: cutBack()
        case ..<99: try answerWrongly(pipeline)
        default: try losePipelines()
        }
    }

    private mutating func bringUp() {
        let descriptions = random.pipelines()
        scheduler.pipelinesReady(descriptions)
        early = descriptions.map { CacheMemory(blocks: $0.blocks) }
        late = early
    }

    // MARK: - Clients

    private mutating func submit() throws(Violation) {
        let requests = random.requests(after: lastID, context: context)
        lastID += SequenceID(requests.count)
        do throws(AdmissionError) {
            try scheduler.submit(requests)
        } catch {
            try check(isRightly(error, requests), "refused with \(error)")
            actions.append(.refuse(error))
            return
        }
        for request in requests { ledger.submit(request) }
        accepted += requests.count
    }

    private func isRightly(_ error: AdmissionError, _ requests: [SequenceRequest]) -> Bool {
        switch error {
        case .noPipeline: !scheduler.hasPipeline
        case .neverFits(let blocks, let capacity): blocks > capacity && scheduler.hasPipeline
        case .queueFull(let limit):
            scheduler.waitingCount + requests.count > limit
                && (limit == limits.waitingSequences || limit == 8 * limits.waitingSequences)
        }
    }

    private mutating func cancel() {
        // Often one that is there, now and then one that is gone or never was.
        if random.chance(80), let id = ledger.live.keys.sorted().randomElement(using: &random) {
            finish(id)
        } else {
            scheduler.finish(lastID + SequenceID(random.int(1...3)))
        }
    }

    private mutating func finish(_ id: SequenceID) {
        scheduler.finish(id)
        ledger.cancel(id, isInFlight: isInFlight(id))
    }

    /// Sampled tokens are taken back, as those of a wrong guess are.
    private mutating func cutBack() {
        let longer = ledger.live.filter { $0.value.tokens.count > $0.value.request.tokens.count && !isInFlight($0.key) }
        guard let id = longer.keys.sorted().randomElement(using: &random), let sequence = longer[id] else { return }
        let count = random.int(sequence.request.tokens.count...sequence.tokens.count - 1)
        scheduler.cutBack(id, to: count)
        ledger.cutBack(id, to: count)
    }

    // MARK: - Batches

    private func isInFlight(_ id: SequenceID) -> Bool {
        (0..<scheduler.pipelineCount).contains { pipeline in
            scheduler.batchesInFlight(pipeline: pipeline).contains { $0.slices.contains { $0.sequence == id } }
        }
    }

    private mutating func next(_ pipeline: Int) throws(Violation) {
        let before = scheduler.batchesInFlight(pipeline: pipeline)
        guard let batch = scheduler.nextBatch(pipeline: pipeline) else { return }
        actions.append(.send(batch))
        try check(batch.id > lastBatch && batch.pipeline == pipeline, "batch \(batch.id) after \(lastBatch)")
        lastBatch = batch.id
        try check(before.count < limits.batchesInFlight, "\(before.count + 1) batches in flight")
        mostInFlight = max(mostInFlight, before.count + 1)
        try check(Set(batch.slices.map(\.sequence)).count == batch.slices.count, "a sequence twice in \(batch)")
        let rows = batch.slices.reduce(0) { $0 + $1.tokens.count }
        try check(rows == batch.rows && rows <= limits.batchRows, "\(rows) rows: \(batch)")
        let running = scheduler.runningCount
        try check(running <= limits.runningSequences * scheduler.pipelineCount, "\(running) running")
        for slice in batch.slices { try examine(slice, before) }
        try early[pipeline].run(batch, texts: ledger.texts)
    }

    private func examine(_ slice: ScheduledSlice, _ before: [ScheduledBatch]) throws(Violation) {
        try ledger.examine(slice)
        // In another batch in flight there can only be the chunk of its prompt before this one.
        let earlier = before.flatMap(\.slices).last { $0.sequence == slice.sequence }
        if let earlier {
            try check(
                earlier.start + earlier.tokens.count == slice.start && !earlier.samples,
                "in two batches at once: \(earlier), \(slice)")
        }
        for pipeline in 0..<scheduler.pipelineCount {
            let isElsewhere = scheduler.batchesInFlight(pipeline: pipeline).dropLast().contains { batch in
                batch.slices.contains { $0.sequence == slice.sequence } && !before.contains(batch)
            }
            try check(!isElsewhere, "in two pipelines: \(slice)")
        }
    }

    private mutating func complete(_ pipeline: Int) throws(Violation) {
        guard let batch = scheduler.batchesInFlight(pipeline: pipeline).first else { return }
        var sampled: [SequenceID: Int32] = [:]
        if answersUnasked {
            sampled.reserveCapacity(500)
            for id in 1...lastID + 3 { sampled[id] = -1 }
        }
        for slice in batch.slices where slice.samples { sampled[slice.sequence] = Int32(random.int(0...6)) }
        try late[pipeline].run(batch, texts: ledger.textsWithoutFailed)
        let outcome = BatchOutcome(
            batch: batch.id, sampled: sampled,
            stageMilliseconds: [Double](repeating: 1 + Double(batch.rows) / 8, count: 2))
        guard let steps = scheduler.complete(outcome, now: now) else {
            throw Violation(description: "batch \(batch.id) not taken back")
        }
        try check(steps.map(\.sequence) == batch.slices.map(\.sequence), "told \(steps), not in the order of \(batch)")
        for (step, slice) in zip(steps, batch.slices) {
            actions.append(.tell(step.sequence, step.progress))
            try ledger.hear(
                step, slice, token: sampled[step.sequence], isInFlight: isInFlight(step.sequence))
        }
        for step in steps where random.chance(5) {
            if case .sampled = step.progress { finish(step.sequence) }  // A stop string.
        }
    }

    /// The batch failed: its sequences are finished, and it comes back without tokens. A second stage never saw it.
    private mutating func fail(_ pipeline: Int) throws(Violation) {
        guard let batch = scheduler.batchesInFlight(pipeline: pipeline).first else { return }
        if batch.slices.contains(where: { ledger.isWanted($0.sequence) }) {
            let told = scheduler.complete(BatchOutcome(batch: batch.id, isFailed: true))
            try check(told == nil, "a failure taken for a result")
        }
        for slice in batch.slices where ledger.live[slice.sequence] != nil {
            finish(slice.sequence)
            ledger.fail(slice.sequence)
        }
        try check(scheduler.cancelledBatches().contains(batch.id), "batch \(batch.id) is not cancelled")
        let told = scheduler.complete(BatchOutcome(batch: batch.id, isFailed: true), now: now)
        try check(told?.allSatisfy { $0.progress == .gone } ?? false, "told \(String(describing: told))")
        for slice in batch.slices where !isInFlight(slice.sequence) { ledger.forget(slice.sequence) }
        actions.append(.end(batch.slices.map(\.sequence)))
    }

    /// A batch that is not the oldest in flight, or one without its tokens: nothing may change, which the next steps show.
    private mutating func answerWrongly(_ pipeline: Int) throws(Violation) {
        let inFlight = scheduler.batchesInFlight(pipeline: pipeline)
        for other in [lastBatch + 1] + inFlight.dropFirst().map(\.id) {
            try check(scheduler.complete(BatchOutcome(batch: other)) == nil, "batch \(other) was taken")
        }
        guard let batch = inFlight.first,
            batch.slices.contains(where: { $0.samples && ledger.isWanted($0.sequence) })
        else { return }
        try check(scheduler.complete(BatchOutcome(batch: batch.id)) == nil, "taken without its tokens")
    }

    private mutating func losePipelines() throws(Violation) {
        statistics = scheduler.statistics
        let lost = scheduler.pipelinesLost()
        let expected = ledger.live.keys.filter { ledger.isWanted($0) }.sorted()
        try check(lost == expected, "lost \(lost), not \(expected)")
        ledger.forgetAll()
        actions.append(.end(lost))
    }

    // MARK: - What is

    private mutating func compare() throws(Violation) {
        statistics = scheduler.statistics
        let tables = scheduler.blockTables
        try check(scheduler.waitingCount + scheduler.runningCount == ledger.live.count, "counts")
        try check(tables.count == scheduler.runningCount, "\(tables.count) block tables")
        try check(
            scheduler.isIdle == ledger.live.isEmpty, "idle \(scheduler.isIdle) with \(ledger.live.count) sequences")
        // Blocks are of the pipelines, each used or free; no more are used than there are. One of a beginning that is
        // about to be copied is in use and in no table.
        guard scheduler.pipelineCount == 1 else { return }
        let used = Set(tables.values.joined())
        try check(used.allSatisfy { Int($0) < scheduler.blockCapacity }, "blocks that are not there")
        let free = scheduler.freeBlocks
        try check(used.count + free <= scheduler.blockCapacity, "\(used.count) used and \(free) free")
        try check(used.count + free + tables.count >= scheduler.blockCapacity, "\(used.count) used and \(free) free")
    }
}
