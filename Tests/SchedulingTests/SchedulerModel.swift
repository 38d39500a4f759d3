import Scheduling

/// What a scheduler did that it must not do.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

func check(_ holds: Bool, _ what: @autoclosure () -> String) throws(Violation) {
    if !holds { throw Violation(description: what()) }
}

/// What the scheduler must be doing, told the plain way: lists of sequences, and sums instead of blocks. Every directive
/// is held against it.
struct SchedulerModel {
    struct Sequence {
        let request: SequenceRequest
        var tokens: [Int32]
        var cached = 0
        var blockTable: [UInt32] = []
        var scoredPositions: [Int] = []
        var givenUp = false

        var drawnCount: Int { tokens.count - request.tokens.count }
    }

    let context: Int
    let limits: SchedulerLimits
    /// Blocks of the pipeline; nil where there is none.
    var capacity: Int?
    var waiting: [SequenceID] = []
    var running: [SequenceID] = []
    var sequences: [SequenceID: Sequence] = [:]
    var flight: ScheduledBatch?
    private var lastBatch: UInt64 = 0

    init(context: Int, limits: SchedulerLimits) {
        self.context = context
        self.limits = limits
    }

    static func blocksNeeded(_ request: SequenceRequest) -> Int {
        let positions =
            switch request.purpose {
            case .score: request.tokens.count
            case .generate(let maximumTokens): request.tokens.count + maximumTokens - 1
            }
        return (positions + 15) / 16
    }

    /// Blocks that belong to no running sequence.
    var freeBlocks: Int {
        (capacity ?? 0) - running.reduce(0) { $0 + Self.blocksNeeded(sequences[$1]!.request) }
    }

    func refusal(of requests: [SequenceRequest]) -> AdmissionError? {
        guard let capacity else { return .noPipeline }
        for needed in requests.map(Self.blocksNeeded) where needed > capacity {
            return .neverFits(blocks: needed, capacity: capacity)
        }
        let count = waiting.count + requests.count
        return count > limits.waitingSequences ? .queueFull(limit: limits.waitingSequences) : nil
    }

    mutating func accept(_ requests: [SequenceRequest]) {
        for request in requests {
            sequences[request.id] = Sequence(request: request, tokens: request.tokens)
            waiting.append(request.id)
        }
    }

    mutating func finish(_ id: SequenceID) {
        if flight?.slices.contains(where: { $0.sequence == id }) ?? false {
            sequences[id]?.givenUp = true
        } else {
            end(id)
        }
    }

    mutating func end(_ id: SequenceID) {
        waiting.removeAll { $0 == id }
        running.removeAll { $0 == id }
        sequences[id] = nil
    }

    /// All live sequences that nobody has given up, in the order they came; none is left.
    mutating func loseAll() -> [SequenceID] {
        let lost = (running + waiting).filter { !sequences[$0]!.givenUp }
        (running, waiting, sequences, flight, capacity) = ([], [], [:], nil, nil)
        return lost
    }

    func compareCounts(with scheduler: Scheduler) throws(Violation) {
        try check(scheduler.waitingCount == waiting.count, "waiting \(scheduler.waitingCount), not \(waiting)")
        try check(scheduler.runningCount == running.count, "running \(scheduler.runningCount), not \(running)")
        try check(scheduler.freeBlocks == freeBlocks, "free blocks \(scheduler.freeBlocks), not \(freeBlocks)")
        try check(scheduler.batchInFlight == flight?.id, "in flight \(String(describing: scheduler.batchInFlight))")
        let members = flight?.slices.map(\.sequence) ?? []
        try check(
            scheduler.slicesInFlight.map(\.sequence) == members,
            "sequences in flight \(scheduler.slicesInFlight.map(\.sequence))")
        let isAbandoned = flight != nil && members.allSatisfy { sequences[$0]!.givenUp }
        try check((scheduler.abandonedBatch() == nil) != isAbandoned, "abandoned: \(isAbandoned)")
        try check(scheduler.isIdle == sequences.isEmpty, "idle \(scheduler.isIdle) with \(sequences.count) sequences")
        try check(scheduler.hasPipeline == (capacity != nil), "pipeline \(scheduler.hasPipeline)")
    }
}

// MARK: Batches

extension SchedulerModel {
    /// Holds what ``Scheduler/nextBatch()`` gave against what is due.
    mutating func next(_ batch: ScheduledBatch?) throws(Violation) {
        guard flight == nil else { return try check(batch == nil, "a second batch in flight") }
        while running.count < limits.runningSequences, let first = waiting.first,
            Self.blocksNeeded(sequences[first]!.request) <= freeBlocks
        {
            running.append(waiting.removeFirst())
        }
        guard let batch else { return try check(running.isEmpty, "no batch for \(running)") }
        try check(batch.id > lastBatch, "batch number \(batch.id) after \(lastBatch)")
        try checkShares(of: batch)
        for slice in batch.slices {
            try take(slice)
        }
        let owned = running.flatMap { sequences[$0]!.blockTable }
        try check(Set(owned).count == owned.count, "a block with two owners in \(batch)")
        lastBatch = batch.id
        flight = batch
    }

    /// Rows go to drawing sequences, one each, then to prompts, to each all it can use, oldest first.
    private func checkShares(of batch: ScheduledBatch) throws(Violation) {
        var rows = limits.batchRows
        var due: [SequenceID: Int] = [:]
        for id in running where sequences[id]!.drawnCount > 0 && rows > 0 {
            due[id] = 1
            rows -= 1
        }
        for id in running where sequences[id]!.drawnCount == 0 && rows > 0 {
            due[id] = min(rows, sequences[id]!.tokens.count - sequences[id]!.cached)
            rows -= due[id]!
        }
        try check(Set(batch.slices.map(\.sequence)).count == batch.slices.count, "a sequence twice in \(batch)")
        let given = Dictionary(uniqueKeysWithValues: batch.slices.map { ($0.sequence, $0.tokens.count) })
        try check(given == due, "rows given \(given), due \(due)")
    }

    private mutating func take(_ slice: ScheduledSlice) throws(Violation) {
        var sequence = sequences[slice.sequence]!
        let end = slice.start + slice.tokens.count
        try check(slice.start == sequence.cached && slice.start < end, "a gap or a repetition: \(slice)")
        try check(end <= sequence.tokens.count, "more tokens than there are: \(slice)")
        try check(slice.tokens == Array(sequence.tokens[slice.start..<end]), "other tokens: \(slice)")
        try check(slice.blockTable.count == (end + 15) / 16, "too few or too many blocks: \(slice)")
        try check(slice.blockTable.starts(with: sequence.blockTable), "blocks changed: \(slice)")
        try check(slice.blockTable.allSatisfy { $0 < capacity ?? 0 }, "blocks that are not there: \(slice)")
        try check(slice.blockTable.count <= Self.blocksNeeded(sequence.request), "more than reserved: \(slice)")
        switch sequence.request.purpose {
        case .generate:
            try check(slice.samples == (end == sequence.tokens.count), "draws at a wrong place: \(slice)")
            try check(slice.scoredRows == nil, "scores: \(slice)")
        case .score(let firstRow):
            let rows = (slice.start..<end).filter { $0 >= firstRow }
            try check((slice.scoredRows.map { Array($0) } ?? []) == rows.map { $0 - slice.start }, "rows: \(slice)")
            try check(!slice.samples && slice.scoredRows?.isEmpty != true, "draws, or scores nothing: \(slice)")
            sequence.scoredPositions += rows
        }
        sequence.blockTable = slice.blockTable
        sequences[slice.sequence] = sequence
    }

    /// What the batch in flight, come back with these tokens, means for each of its sequences.
    mutating func complete(drawn: [SequenceID: Int32]) throws(Violation) -> [SequenceProgress] {
        var all: [SequenceProgress] = []
        let batch = flight!
        flight = nil
        for slice in batch.slices {
            all.append(try advance(slice, drawn: drawn[slice.sequence]))
        }
        return all
    }

    private mutating func advance(_ slice: ScheduledSlice, drawn: Int32?) throws(Violation) -> SequenceProgress {
        let id = slice.sequence
        sequences[id]!.cached += slice.tokens.count
        let sequence = sequences[id]!
        if sequence.givenUp {
            end(id)
            return .gone
        }
        switch sequence.request.purpose {
        case .score(let firstRow):
            guard sequence.cached == sequence.tokens.count else {
                return slice.scoredRows == nil ? .prefilled : .scored
            }
            let rows = Array(firstRow..<sequence.tokens.count)
            try check(sequence.scoredPositions == rows, "\(id) scored \(sequence.scoredPositions), not \(rows)")
            end(id)
            return .scoredLast
        case .generate(let maximumTokens):
            guard slice.samples else { return .prefilled }
            sequences[id]!.tokens.append(drawn!)
            guard sequence.drawnCount + 1 == maximumTokens else { return .drew(drawn!) }
            end(id)
            return .drewLast(drawn!)
        }
    }
}
