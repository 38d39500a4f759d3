import DequeModule

/// How much the scheduler takes on.
public struct SchedulerLimits: Sendable, Equatable {
    /// Rows of a batch, prompt chunks and single tokens together.
    public var batchRows: Int
    /// Sequences that wait for blocks.
    public var waitingSequences: Int
    /// Sequences that run side by side.
    public var runningSequences: Int

    public init(batchRows: Int = 512, waitingSequences: Int = 1_024, runningSequences: Int = 256) {
        self.batchRows = batchRows
        self.waitingSequences = waitingSequences
        self.runningSequences = runningSequences
    }
}

/// Why a sequence is not taken.
public enum AdmissionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It could not run even alone.
    case neverFits(blocks: Int, capacity: Int)
    case queueFull(limit: Int)
    case noPipeline

    public var description: String {
        switch self {
        case .neverFits(let blocks, let capacity):
            "needs \(blocks) KV cache blocks of \(BlockPool.positionsPerBlock) positions, and the cluster has \(capacity)"
        case .queueFull(let limit):
            "the queue is full: at most \(limit) sequences may wait"
        case .noPipeline:
            "no pipeline is ready"
        }
    }
}

/// What became of a sequence when a batch came back.
public enum SequenceProgress: Sendable, Equatable {
    /// A prompt chunk is done; nothing to show yet.
    case prefilled
    /// It drew this token, and goes on unless it is told to stop.
    case drew(Int32)
    /// It drew this token and has all it asked for.
    case drewLast(Int32)
    /// Scored rows came back; more will follow.
    case scored
    /// The last scored rows came back.
    case scoredLast
    /// It had been given up while the batch was under way.
    case gone
}

/// What became of one sequence of a batch that came back.
public struct SequenceStep: Sendable, Equatable {
    public var sequence: SequenceID
    public var progress: SequenceProgress
}

/// Which sequences run, in which blocks, and what the next batch holds. First in, first served; all running sequences
/// advance together, one batch in flight at a time. A pure state machine: no I/O, clock or randomness.
///
/// The shell calls ``submit(_:)``, ``nextBatch()``, sends the batch, and calls ``complete(batch:drawn:)`` with what came
/// back. A sequence's blocks for prompt and answer are reserved when it starts, so it can always finish.
public struct Scheduler: Sendable {
    public let limits: SchedulerLimits
    public let context: Int
    private var pool: BlockPool?
    private var waiting: Deque<SequenceRequest> = []
    // In the order they were admitted.
    private var running: [RunningSequence] = []
    private var flight: ScheduledBatch?
    private var lastBatchID: UInt64 = 0

    public init(context: Int, limits: SchedulerLimits = .init()) {
        precondition(context > 0 && limits.batchRows > 0 && limits.runningSequences > 0, "nothing could ever run")
        self.context = context
        self.limits = limits
    }

    public var blockCapacity: Int { pool?.capacity ?? 0 }
    public var freeBlocks: Int { pool?.freeCount ?? 0 }
    public var waitingCount: Int { waiting.count }
    /// Sequences that the queue still takes.
    public var waitingRoom: Int { limits.waitingSequences - waiting.count }
    public var runningCount: Int { running.count }
    // Not inlined: inlined into another module it crashes the optimiser of Swift 6.3.1 (CopyPropagation).
    @inline(never)
    public var batchInFlight: UInt64? { flight?.id }
    /// What the batch in flight holds.
    public var slicesInFlight: [ScheduledSlice] { flight?.slices ?? [] }
    public var isIdle: Bool { waiting.isEmpty && running.isEmpty }
    /// False while nothing runs the batches; see ``pipelineReady(blocks:)``.
    public var hasPipeline: Bool { pool != nil }

    /// A pipeline is live, with this many cache blocks. Nothing may be running or waiting: what the last one had ends
    /// with ``pipelineLost()``.
    public mutating func pipelineReady(blocks: Int) {
        precondition(isIdle, "a pipeline came up under sequences of the last one")
        pool = BlockPool(capacity: blocks)
    }

    /// The pipeline is gone, with all it held; returns the sequences that were running or waiting, which end here.
    public mutating func pipelineLost() -> [SequenceID] {
        let lost = running.filter { !$0.cancelled }.map(\.id) + waiting.map(\.id)
        running = []
        waiting = []
        flight = nil
        pool = nil
        return lost
    }

    /// Puts sequences at the end of the queue: all of them, or none. Prompt and answer together must not be longer than
    /// the context, and neither of them empty; a scored text has its first row to score inside it.
    public mutating func submit(_ requests: [SequenceRequest]) throws(AdmissionError) {
        guard let pool else { throw .noPipeline }
        for request in requests {
            precondition(request.isRunnable(context: context), "checked by the caller")
            let needed = request.blocksNeeded
            guard needed <= pool.capacity else { throw .neverFits(blocks: needed, capacity: pool.capacity) }
        }
        guard waiting.count + requests.count <= limits.waitingSequences else {
            throw .queueFull(limit: limits.waitingSequences)
        }
        waiting.append(contentsOf: requests)
    }

    /// Ends a sequence: it was cancelled, or its text is complete. Its blocks are free at once, or when the batch it is
    /// in comes back.
    public mutating func finish(_ id: SequenceID) {
        waiting.removeAll { $0.id == id }
        guard let index = running.firstIndex(where: { $0.id == id }) else { return }
        if running[index].inFlight {
            running[index].cancelled = true
        } else {
            release(at: index)
        }
    }

    /// The batch to send now, or nil where one is in flight or nothing is to be done.
    public mutating func nextBatch() -> ScheduledBatch? {
        guard flight == nil, pool != nil else { return nil }
        admit()
        guard !running.isEmpty else { return nil }
        var slices: [ScheduledSlice] = []
        // Single tokens first, so that a long prompt does not hold up the streams; prompts fill what is left.
        var rows = limits.batchRows
        for index in running.indices where running[index].generatedCount > 0 && rows > 0 {
            slices.append(take(index, limit: 1))
            rows -= 1
        }
        for index in running.indices where !running[index].inFlight && rows > 0 {
            let slice = take(index, limit: rows)
            rows -= slice.tokens.count
            slices.append(slice)
        }
        lastBatchID += 1
        flight = ScheduledBatch(id: lastBatchID, slices: slices)
        return flight
    }

    /// The batch in flight came back; `drawn` has the token of each sequence that drew one. Returns what that means for
    /// each of the batch's sequences, in the batch's order; nil where no such batch is in flight or a token is missing.
    public mutating func complete(
        batch id: UInt64, drawn: [SequenceID: Int32]
    ) -> [SequenceStep]? {
        guard let batch = flight, batch.id == id else { return nil }
        let samplers = batch.slices.filter(\.samples)
        guard samplers.allSatisfy({ drawn[$0.sequence] != nil || isCancelled($0.sequence) }) else { return nil }
        flight = nil
        return batch.slices.map { slice in
            SequenceStep(sequence: slice.sequence, progress: advance(slice, drawn: drawn[slice.sequence]))
        }
    }

    /// The batch in flight, where every sequence in it has been given up.
    public func abandonedBatch() -> UInt64? {
        guard let flight, flight.slices.allSatisfy({ isCancelled($0.sequence) }) else { return nil }
        return flight.id
    }

    /// Whether the sequence has left the queue.
    public func isRunning(_ id: SequenceID) -> Bool { running.contains { $0.id == id } }

    private func isCancelled(_ id: SequenceID) -> Bool {
        running.first { $0.id == id }?.cancelled ?? true
    }

    private mutating func take(_ index: Int, limit: Int) -> ScheduledSlice {
        running[index].inFlight = true
        return running[index].slice(limit: limit)
    }

    private mutating func advance(_ slice: ScheduledSlice, drawn: Int32?) -> SequenceProgress {
        guard let index = running.firstIndex(where: { $0.id == slice.sequence }) else { return .gone }
        running[index].inFlight = false
        running[index].cached = slice.start + slice.tokens.count
        if running[index].cancelled {
            release(at: index)
            return .gone
        }
        switch running[index].purpose {
        case .score:
            guard running[index].cached == running[index].tokens.count else {
                return slice.scoredRows == nil ? .prefilled : .scored
            }
            release(at: index)
            return .scoredLast
        case .generate(let maximumTokens):
            guard slice.samples, let token = drawn else { return .prefilled }
            running[index].tokens.append(token)
            guard running[index].generatedCount >= maximumTokens else { return .drew(token) }
            release(at: index)
            return .drewLast(token)
        }
    }

    /// Starts waiting sequences, in order, while the first of them finds its blocks.
    private mutating func admit() {
        while running.count < limits.runningSequences, let request = waiting.first,
            let blocks = pool?.allocate(request.blocksNeeded)
        {
            waiting.removeFirst()
            running.append(RunningSequence(request, blocks: blocks))
        }
    }

    private mutating func release(at index: Int) {
        pool?.release(running[index].blocks)
        running.remove(at: index)
    }
}
