import Scheduling
import TestSupport

/// A coordinator's life in random events: clients come and go, workers complete batches or fail them, the pipelines are
/// lost and come back. What the scheduler says is held against what two stages of each pipeline have in their caches: one
/// runs a batch when it is sent, the other when it comes back.
struct SchedulerSimulation {
    /// All that a scheduler told its shell to do, in order.
    enum Directive: Equatable {
        case refuse(AdmissionError)
        case send(ScheduledBatch)
        case tell(SequenceID, SequenceProgress)
        case end([SequenceID])
    }

    /// A sequence as its client sees it.
    struct Sequence {
        let request: SequenceRequest
        var tokens: [Int32]
        var scored: Set<Int> = []
        var isGivenUp = false
        var isFailed = false
    }

    private(set) var directives: [Directive] = []
    private(set) var accepted = 0
    private(set) var completed = 0
    private(set) var statistics = SchedulerStatistics()
    private(set) var mostFlights = 0
    private var scheduler: Scheduler
    private let limits: SchedulerLimits
    private let context: Int
    private var random: SplitMix64
    private var live: [SequenceID: Sequence] = [:]
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
            stepMilliseconds: Double(random.int(1...30)), flights: random.int(1...5))
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
        var batchesLeft = live.values.reduce(10) { $0 + 20 * ($1.tokens.count + context) }
        while !live.isEmpty {
            for pipeline in 0..<scheduler.pipelineCount { try next(pipeline) }
            for pipeline in 0..<scheduler.pipelineCount { try complete(pipeline) }
            try compare()
            batchesLeft -= 1
            try check(batchesLeft > 0, "accepted sequences never finish: \(live.keys.sorted())")
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
        case ..<91: giveUp()
        case ..<93: try fail(pipeline)
        case ..<95: cutBack()
        case ..<99: try answerWrongly(pipeline)
        default: try losePipelines()
        }
    }

    private mutating func bringUp() {
        let descriptions = (0..<random.int(1...2)).map { _ in
            let stages = (0..<random.int(1...4)).map { _ in
                StageDescription(
                    host: random.int(0...2),
                    costs: random.chance(30)
                        ? RowCosts([])
                        : RowCosts([
                            .init(rows: 1, milliseconds: 1), .init(rows: 8, milliseconds: Double(random.int(1...8))),
                        ]),
                    link: LinkDescription(latencyMilliseconds: Double(random.int(0...5))))
            }
            return PipelineDescription(blocks: random.int(0...14), stages: stages)
        }
        scheduler.pipelinesReady(descriptions)
        early = descriptions.map { CacheMemory(blocks: $0.blocks) }
        late = early
    }

    // MARK: - Clients

    private mutating func submit() throws(Violation) {
        var requests: [SequenceRequest] = []
        let count = random.int(1...context)
        // Few different tokens, so that prompts often begin alike.
        var tokens = (0..<count).map { Int32($0 % 5) }
        if random.chance(50) { tokens[random.int(0...count - 1)] = Int32(random.int(0...9)) }
        let copies = random.int(1...3)
        let client = ClientNumber(random.int(0...2))
        let priority = SequencePriority(rawValue: random.int(0...2)) ?? .normal
        let group = lastID + 1
        for _ in 0..<copies {
            lastID += 1
            let purpose: SequenceRequest.Purpose =
                count == context || random.chance(25)
                ? .score(firstRow: random.int(0...count - 1))
                : .generate(maximumTokens: random.int(1...min(12, context - count)))
            requests.append(
                SequenceRequest(
                    id: lastID, tokens: tokens, purpose: purpose, client: client, priority: priority,
                    group: random.chance(70) ? group : nil))
        }
        do throws(AdmissionError) {
            try scheduler.submit(requests)
        } catch {
            try check(isRightly(error, requests), "refused with \(error)")
            directives.append(.refuse(error))
            return
        }
        for request in requests { live[request.id] = Sequence(request: request, tokens: request.tokens) }
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

    private mutating func giveUp() {
        // Often one that is there, now and then one that is gone or never was.
        if random.chance(80), let id = live.keys.sorted().randomElement(using: &random) {
            finish(id)
        } else {
            scheduler.finish(lastID + SequenceID(random.int(1...3)))
        }
    }

    private mutating func finish(_ id: SequenceID) {
        scheduler.finish(id)
        if isInFlight(id) { live[id]?.isGivenUp = true } else { live[id] = nil }
    }

    /// Drawn tokens are taken back, as those of a wrong guess are.
    private mutating func cutBack() {
        let drawn = live.filter { $0.value.tokens.count > $0.value.request.tokens.count && !isInFlight($0.key) }
        guard let id = drawn.keys.sorted().randomElement(using: &random), let sequence = live[id] else { return }
        let count = random.int(sequence.request.tokens.count...sequence.tokens.count - 1)
        scheduler.cutBack(id, to: count)
        live[id]?.tokens.removeLast(sequence.tokens.count - count)
    }

    // MARK: - Batches

    private func isInFlight(_ id: SequenceID) -> Bool {
        (0..<scheduler.pipelineCount).contains { pipeline in
            scheduler.flights(pipeline: pipeline).contains { $0.slices.contains { $0.sequence == id } }
        }
    }

    private mutating func next(_ pipeline: Int) throws(Violation) {
        let before = scheduler.flights(pipeline: pipeline)
        guard let batch = scheduler.nextBatch(pipeline: pipeline) else { return }
        directives.append(.send(batch))
        try check(batch.id > lastBatch && batch.pipeline == pipeline, "batch \(batch.id) after \(lastBatch)")
        lastBatch = batch.id
        try check(before.count < limits.flights, "\(before.count + 1) batches in flight")
        mostFlights = max(mostFlights, before.count + 1)
        try check(Set(batch.slices.map(\.sequence)).count == batch.slices.count, "a sequence twice in \(batch)")
        let rows = batch.slices.reduce(0) { $0 + $1.tokens.count }
        try check(rows == batch.rows && rows <= limits.batchRows, "\(rows) rows: \(batch)")
        let running = scheduler.runningCount
        try check(running <= limits.runningSequences * scheduler.pipelineCount, "\(running) running")
        for slice in batch.slices { try examine(slice, before) }
        try early[pipeline].run(batch, texts: live.mapValues(\.tokens))
    }

    private func examine(_ slice: ScheduledSlice, _ before: [ScheduledBatch]) throws(Violation) {
        guard let sequence = live[slice.sequence] else { throw Violation(description: "nobody wants \(slice)") }
        let end = slice.start + slice.tokens.count
        try check(!sequence.isGivenUp, "was given up: \(slice)")
        try check(slice.start < end && end <= sequence.tokens.count, "tokens that are not there: \(slice)")
        try check(slice.tokens == Array(sequence.tokens[slice.start..<end]), "other tokens: \(slice)")
        try check(slice.blockTable.count == (end + 15) / 16, "too few or too many blocks: \(slice)")
        // In another batch in flight there can only be the chunk of its prompt before this one.
        let earlier = before.flatMap(\.slices).last { $0.sequence == slice.sequence }
        if let earlier {
            try check(
                earlier.start + earlier.tokens.count == slice.start && !earlier.samples,
                "in two batches at once: \(earlier), \(slice)")
        }
        for pipeline in 0..<scheduler.pipelineCount {
            let isElsewhere = scheduler.flights(pipeline: pipeline).dropLast().contains { batch in
                batch.slices.contains { $0.sequence == slice.sequence } && !before.contains(batch)
            }
            try check(!isElsewhere, "in two pipelines: \(slice)")
        }
        switch sequence.request.purpose {
        case .generate:
            try check(slice.samples == (end == sequence.tokens.count), "draws at a wrong place: \(slice)")
            try check(slice.scoredRows == nil, "scores: \(slice)")
        case .score(let firstRow):
            let wanted = (slice.start..<end).filter { $0 >= firstRow && !sequence.scored.contains($0) }
            let rows = slice.scoredRows.map { $0.map { $0 + slice.start } } ?? []
            // What an earlier chunk scores is on its way.
            try check(rows == wanted && !slice.samples, "rows \(rows), not \(wanted): \(slice)")
        }
    }

    private mutating func complete(_ pipeline: Int) throws(Violation) {
        guard let batch = scheduler.flights(pipeline: pipeline).first else { return }
        var drawn: [SequenceID: Int32] = [:]
        if answersUnasked {
            drawn.reserveCapacity(500)
            for id in 1...lastID + 3 { drawn[id] = -1 }
        }
        for slice in batch.slices where slice.samples { drawn[slice.sequence] = Int32(random.int(0...6)) }
        try late[pipeline].run(batch, texts: live.filter { !$0.value.isFailed }.mapValues(\.tokens))
        let outcome = BatchOutcome(
            batch: batch.id, drawn: drawn, stageMilliseconds: [Double](repeating: 1 + Double(batch.rows) / 8, count: 2))
        guard let told = scheduler.complete(outcome, now: now) else {
            throw Violation(description: "batch \(batch.id) not taken back")
        }
        try check(told.map(\.sequence) == batch.slices.map(\.sequence), "told \(told), not in the order of \(batch)")
        for (step, slice) in zip(told, batch.slices) { try hear(step, slice, drawn) }
        for step in told where random.chance(5) {
            if case .drew = step.progress { finish(step.sequence) }  // A stop string.
        }
    }

    private mutating func hear(
        _ step: SequenceStep, _ slice: ScheduledSlice, _ drawn: [SequenceID: Int32]
    ) throws(Violation) {
        let id = step.sequence
        directives.append(.tell(id, step.progress))
        guard let sequence = live[id], !sequence.isGivenUp else {
            if !isInFlight(id) { live[id] = nil }
            return try check(step.progress == .gone, "told \(step) of one that was given up")
        }
        switch sequence.request.purpose {
        case .generate(let maximumTokens):
            guard slice.samples, let token = drawn[id] else {
                return try check(step.progress == .prefilled, "told \(step)")
            }
            live[id]?.tokens.append(token)
            let isLast = sequence.tokens.count + 1 - sequence.request.tokens.count == maximumTokens
            try check(step.progress == (isLast ? .drewLast(token) : .drew(token)), "told \(step)")
            if isLast { finishWhole(id) }
        case .score(let firstRow):
            for row in slice.scoredRows ?? 0..<0 {
                let isNew = live[id]?.scored.insert(slice.start + row).inserted ?? false
                try check(isNew, "row \(row) scored twice")
            }
            let isLast = slice.start + slice.tokens.count == sequence.tokens.count
            guard isLast else {
                return try check(step.progress == (slice.scoredRows == nil ? .prefilled : .scored), "\(step)")
            }
            let wanted = Set(firstRow..<sequence.tokens.count)
            try check(step.progress == .scoredLast && live[id]?.scored == wanted, "told \(step)")
            finishWhole(id)
        }
    }

    private mutating func finishWhole(_ id: SequenceID) {
        live[id] = nil
        completed += 1
    }

    /// The batch came to nothing: its sequences are given up, and it comes back without tokens. A second stage never saw it.
    private mutating func fail(_ pipeline: Int) throws(Violation) {
        guard let batch = scheduler.flights(pipeline: pipeline).first else { return }
        if batch.slices.contains(where: { live[$0.sequence]?.isGivenUp == false }) {
            let told = scheduler.complete(BatchOutcome(batch: batch.id, isFailed: true))
            try check(told == nil, "a failure taken for a result")
        }
        for slice in batch.slices where live[slice.sequence] != nil {
            finish(slice.sequence)
            live[slice.sequence]?.isFailed = true
        }
        try check(scheduler.abandonedBatches().contains(batch.id), "batch \(batch.id) is not abandoned")
        let told = scheduler.complete(BatchOutcome(batch: batch.id, isFailed: true), now: now)
        try check(told?.allSatisfy { $0.progress == .gone } ?? false, "told \(String(describing: told))")
        for slice in batch.slices where !isInFlight(slice.sequence) { live[slice.sequence] = nil }
        directives.append(.end(batch.slices.map(\.sequence)))
    }

    /// A batch that is not the oldest in flight, or one without its tokens: nothing may change, which the next steps show.
    private mutating func answerWrongly(_ pipeline: Int) throws(Violation) {
        let flights = scheduler.flights(pipeline: pipeline)
        for other in [lastBatch + 1] + flights.dropFirst().map(\.id) {
            try check(scheduler.complete(BatchOutcome(batch: other)) == nil, "batch \(other) was taken")
        }
        guard let batch = flights.first,
            batch.slices.contains(where: { $0.samples && live[$0.sequence]?.isGivenUp == false })
        else { return }
        try check(scheduler.complete(BatchOutcome(batch: batch.id)) == nil, "taken without its tokens")
    }

    private mutating func losePipelines() throws(Violation) {
        statistics = scheduler.statistics
        let lost = scheduler.pipelinesLost()
        let expected = live.filter { !$0.value.isGivenUp }.keys.sorted()
        try check(lost == expected, "lost \(lost), not \(expected)")
        live = [:]
        directives.append(.end(lost))
    }

    // MARK: - What is

    private mutating func compare() throws(Violation) {
        statistics = scheduler.statistics
        let tables = scheduler.blockTables
        try check(scheduler.waitingCount + scheduler.runningCount == live.count, "counts")
        try check(tables.count == scheduler.runningCount, "\(tables.count) block tables")
        try check(scheduler.isIdle == live.isEmpty, "idle \(scheduler.isIdle) with \(live.count) sequences")
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
