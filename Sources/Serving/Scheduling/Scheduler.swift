/// How much the scheduler takes on.
public struct SchedulerLimits: Sendable, Equatable {
    /// Rows of a batch, prompt chunks and single tokens together.
    public var batchRows: Int
    /// Sequences of one client that wait for blocks; those of all may be eight times as many.
    public var waitingSequences: Int
    /// Sequences of a pipeline that run side by side.
    public var runningSequences: Int
    /// What a batch shall take the slowest machine, and what a prompt may add to the time between two tokens of a stream.
    public var stepMilliseconds: Double
    /// Batches of a pipeline that are under way at once.
    public var flights: Int

    public init(
        batchRows: Int = 512, waitingSequences: Int = 1_024, runningSequences: Int = 256,
        stepMilliseconds: Double = 250, flights: Int = 48
    ) {
        self.batchRows = batchRows
        self.waitingSequences = waitingSequences
        self.runningSequences = runningSequences
        self.stepMilliseconds = stepMilliseconds
        self.flights = flights
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

/// What the scheduler has done so far.
public struct SchedulerStatistics: Sendable, Equatable {
    /// Positions of prompts that could have been in the cache, and those that were.
    public var askedPositions: UInt64 = 0
    public var reusedPositions: UInt64 = 0
    /// Sequences that gave their blocks up for others.
    public var preemptions: UInt64 = 0

    public init() {}
}

/// Which sequences run, in which blocks of which pipeline, and what the next batches hold. A pure state machine: no I/O,
/// clock or randomness; the same events give the same batches.
///
/// The shell calls ``submit(_:)``, then ``nextBatch(pipeline:)`` until it gives none, sends what it gave, and calls
/// ``complete(_:now:)`` with what came back, in the order in which batches were sent.
///
/// - Batches in flight hold disjoint sequences, but for chunks of one prompt, which follow one another.
/// - A sequence takes blocks for its prompt when it starts, and more as it grows. Where none is left, the youngest of the
///   lowest priority gives its blocks up and later runs its tokens again.
/// - Keys and values are only shared once the batch that wrote them has come back.
public struct Scheduler: Sendable {
    /// The queue of all clients is as long as so many of one client's.
    private static let clientQueues = 8

    public let limits: SchedulerLimits
    public let context: Int
    var pipelines: [ScheduledPipeline] = []
    var sequences: [SequenceID: LiveSequence] = [:]
    var waiting = WaitingQueue()
    var shares = FairShares()
    var lastBatchID: UInt64 = 0
    private var lastArrival: UInt64 = 0
    public internal(set) var statistics = SchedulerStatistics()

    public init(context: Int, limits: SchedulerLimits = .init()) {
        precondition(
            context > 0 && limits.batchRows > 0 && limits.runningSequences > 0 && limits.flights > 0,
            "nothing could ever run")
        self.context = context
        self.limits = limits
    }

    // MARK: - Pipelines

    /// False while nothing runs the batches; see ``pipelinesReady(_:)``.
    public var hasPipeline: Bool { !pipelines.isEmpty }
    public var pipelineCount: Int { pipelines.count }

    /// These pipelines are live. Nothing may be running or waiting: what the last ones had ends with ``pipelinesLost()``.
    public mutating func pipelinesReady(_ descriptions: [PipelineDescription]) {
        precondition(isIdle, "a pipeline came up under sequences of the last one")
        pipelines = descriptions.map(ScheduledPipeline.init)
    }

    /// The pipelines are gone, with all they held; returns the sequences that were running or waiting, which end here.
    public mutating func pipelinesLost() -> [SequenceID] {
        let lost = sequences.values.filter { !$0.isCancelled }.sorted { $0.arrival < $1.arrival }.map(\.id)
        sequences = [:]
        waiting = WaitingQueue()
        shares = FairShares()
        pipelines = []
        return lost
    }

    // MARK: - Sequences

    /// Puts sequences into the queue: all of them, or none. Prompt and answer together must not be longer than the context,
    /// and neither of them empty; a scored text has its first row to score inside it.
    public mutating func submit(_ requests: [SequenceRequest]) throws(AdmissionError) {
        guard let capacity = pipelines.map(\.pool.capacity).max() else { throw .noPipeline }
        for request in requests {
            precondition(request.isRunnable(context: context), "checked by the caller")
            precondition(sequences[request.id] == nil, "a number used twice")
            let needed = request.blocksNeeded
            guard needed <= capacity else { throw .neverFits(blocks: needed, capacity: capacity) }
        }
        let limit = limits.waitingSequences
        for (client, own) in Dictionary(grouping: requests, by: \.client)
        where waiting.count(of: client) + own.count > limit {
            throw .queueFull(limit: limit)
        }
        guard waiting.count + requests.count <= Self.clientQueues * limit else {
            throw .queueFull(limit: Self.clientQueues * limit)
        }
        for request in requests {
            lastArrival += 1
            let sequence = LiveSequence(request, arrival: lastArrival)
            sequences[request.id] = sequence
            shares.enter(request.client)
            waiting.insert(sequence)
        }
    }

    /// Ends a sequence: it was cancelled, or its text is complete. Its blocks are free at once, or when the batches it is
    /// in have come back.
    public mutating func finish(_ id: SequenceID) {
        guard let sequence = sequences[id] else { return }
        if sequence.place?.batchesInFlight ?? 0 > 0 {
            sequences[id]?.isCancelled = true
        } else {
            end(id)
        }
    }

    /// Cuts a sequence that is not in flight back to its first `count` tokens, of which the prompt is not cut: the tokens
    /// after them were not meant. Nothing is computed or copied for it; positions after the cut are written again.
    public mutating func cutBack(_ id: SequenceID, to count: Int) {
        guard var sequence = sequences[id], sequence.place?.batchesInFlight ?? 0 == 0, count < sequence.tokens.count
        else {
            return
        }
        precondition(count >= sequence.promptCount, "a prompt is not cut")
        sequence.tokens.removeLast(sequence.tokens.count - count)
        if var place = sequence.place {
            place.cached = min(place.cached, count - 1)
            place.sent = place.cached
            let kept = BlockPool.blocks(for: count)
            if place.blocks.count > kept {
                pipelines[place.pipeline].pool.release(Array(place.blocks[kept...]))
                place.blocks.removeLast(place.blocks.count - kept)
            }
            let full = place.cached / BlockPool.positionsPerBlock
            if place.contents.count > full { place.contents.removeLast(place.contents.count - full) }
            // The block at the edge is written to again. One that others read as well is replaced and run anew.
            if full < place.blocks.count {
                if pipelines[place.pipeline].pool.isShared(place.blocks[full]) {
                    place.cached = full * BlockPool.positionsPerBlock
                    place.sent = place.cached
                    pipelines[place.pipeline].pool.release(Array(place.blocks[full...]))
                    place.blocks.removeLast(place.blocks.count - full)
                } else {
                    pipelines[place.pipeline].pool.forget(place.blocks[full])
                }
            }
            if let copy = place.copy, !place.blocks.contains(copy.to) {
                pipelines[place.pipeline].pool.release([copy.from])
                place.copy = nil
            }
            sequence.place = place
        }
        sequences[id] = sequence
    }

    /// Forgets a sequence that is not in flight.
    mutating func end(_ id: SequenceID) {
        guard let sequence = sequences[id] else { return }
        leavePlace(id)
        waiting.remove(id, of: sequence.request.client)
        shares.leave(sequence.request.client)
        sequences[id] = nil
    }

    // MARK: - What is

    public var waitingCount: Int { waiting.count }
    /// Sequences of a client that the queue still takes.
    public func waitingRoom(of client: ClientNumber) -> Int {
        let limit = limits.waitingSequences
        return max(0, min(limit - waiting.count(of: client), Self.clientQueues * limit - waiting.count))
    }
    public var runningCount: Int { sequences.count - waiting.count }
    public var isIdle: Bool { sequences.isEmpty }
    /// Whether the sequence has left the queue.
    public func isRunning(_ id: SequenceID) -> Bool { sequences[id]?.place != nil }
    /// All the tokens a sequence has, prompt included.
    public func tokens(of id: SequenceID) -> [Int32]? { sequences[id]?.tokens }

    public var blockCapacity: Int { pipelines.reduce(0) { $0 + $1.pool.capacity } }
    /// Blocks that no sequence uses.
    public var freeBlocks: Int { pipelines.reduce(0) { $0 + $1.pool.freeCount } }
    /// Of them, blocks that are kept because a prompt may begin like what they hold.
    public var cachedBlocks: Int { pipelines.reduce(0) { $0 + $1.pool.cachedCount } }

    /// The blocks of each running sequence, in order.
    package var blockTables: [SequenceID: [UInt32]] { sequences.compactMapValues { $0.place?.blocks } }

    /// The batch in flight with this number.
    public func flight(_ id: UInt64) -> ScheduledBatch? {
        pipelines.lazy.flatMap(\.flights).first { $0.id == id }
    }

    /// Whether its result is the next to come from its pipeline.
    public func isOldest(_ batch: ScheduledBatch) -> Bool { pipelines[batch.pipeline].flights.first?.id == batch.id }

    /// Batches of a pipeline in flight, the oldest first.
    public func flights(pipeline: Int) -> [ScheduledBatch] {
        pipelines.indices.contains(pipeline) ? pipelines[pipeline].flights : []
    }

    /// Batches in flight of which every sequence has been given up.
    public func abandonedBatches() -> [UInt64] {
        pipelines.flatMap(\.flights).filter { batch in
            batch.slices.allSatisfy { sequences[$0.sequence]?.isCancelled ?? true }
        }.map(\.id)
    }
}
