/// Decides which sequences run, in which blocks of which pipeline, and what the next batches hold. A pure state machine
/// without I/O, clock or randomness: the same events give the same batches.
///
/// A sequence is in one of two tables: it waits for blocks (``WaitingTable``), or it runs in a pipeline
/// (``RunningTable``). There are three steps:
///
/// 1. **Schedule** (``nextBatch(pipeline:)``). Waiting sequences start while the next one finds blocks for all of its
///    tokens, those of the prefix cache included (``Placement``). Then the batch is filled: single tokens of decoding
///    sequences first, then chunks of prompts (``BatchBuilder``). How many rows it gets, and how many batches are in
///    flight, depends on what batches cost (``BatchSizing``).
/// 2. **Preempt**. A sequence takes more blocks as it grows. When none is free, the youngest of the lowest priority gives
///    up its blocks and waits again; later it runs its tokens once more, as far as the prefix cache has lost them.
/// 3. **Complete** (``complete(_:now:)``). A batch has come back: sampled tokens are appended, full blocks enter the prefix
///    cache, and sequences that are done end.
///
/// The shell calls ``submit(_:)``, then ``nextBatch(pipeline:)`` until it gives none, sends what it gave, and calls
/// ``complete(_:now:)`` with the results of each pipeline in the order in which its batches were sent.
///
/// - Batches in flight hold disjoint sequences, except for chunks of one prompt, which follow one another.
/// - Keys and values are shared only after the batch that wrote them has come back.
/// - Clients share the pipelines evenly, whatever the number of their sequences (``FairShares``, ``FairOrder``).
public struct Scheduler: Sendable {
    public let limits: SchedulerLimits
    public let context: Int
    private var waiting = WaitingTable()
    private var pipelines: [ScheduledPipeline] = []
    private var shares = FairShares()
    private var lastBatchID: UInt64 = 0
    private var lastArrival: UInt64 = 0
    /// Without the evictions of the present pipelines.
    private var counters = SchedulerStatistics()

    public init(context: Int, limits: SchedulerLimits = .init()) {
        precondition(
            context > 0 && limits.batchRows > 0 && limits.runningSequences > 0 && limits.batchesInFlight > 0,
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
        precondition(isIdle, "pipelines came up under sequences of the last ones")
        counters = statistics
        pipelines = descriptions.map { ScheduledPipeline($0, limits: limits) }
    }

    /// The pipelines are gone, with all they held. Returns the sequences that were running or waiting, which end here.
    public mutating func pipelinesLost() -> [SequenceID] {
        let running = pipelines.flatMap { $0.running.all.filter { !$0.isCancelled }.map(\.state) }
        let lost = (running + waiting.all).sorted { $0.arrival < $1.arrival }.map(\.id)
        counters = statistics
        waiting = WaitingTable()
        shares = FairShares()
        pipelines = []
        return lost
    }

    // MARK: - Sequences

    /// Puts sequences into the waiting table: all of them, or none. Prompt and answer together must not be longer than the
    /// context, and neither of them empty; the first row to score of a scored text is inside it.
    public mutating func submit(_ requests: [SequenceRequest]) throws(AdmissionError) {
        guard let capacity = pipelines.map(\.running.pool.capacity).max() else { throw .noPipeline }
        for request in requests {
            precondition(request.isRunnable(context: context), "checked by the caller")
            precondition(waiting[request.id] == nil && pipeline(of: request.id) == nil, "a number used twice")
            let needed = request.blocksNeeded
            guard needed <= capacity else { throw .neverFits(blocks: needed, capacity: capacity) }
        }
        for (client, own) in Dictionary(grouping: requests, by: \.client)
        where waiting.count(of: client) + own.count > limits.waitingSequences {
            throw .queueFull(limit: limits.waitingSequences)
        }
        guard waiting.count + requests.count <= limits.waitingSequencesOfAll else {
            throw .queueFull(limit: limits.waitingSequencesOfAll)
        }
        for request in requests {
            lastArrival += 1
            shares.enter(request.client)
            waiting.insert(SequenceState(request, arrival: lastArrival))
        }
    }

    /// Ends a sequence: it was cancelled, or its text is complete. Its blocks are free at once, or when the batches it is
    /// in have come back. A sequence that has ended, or never was, is ignored.
    public mutating func finish(_ id: SequenceID) {
        if let sequence = waiting.remove(id) {
            shares.leave(sequence.client)
        } else if let index = pipeline(of: id) {
            if pipelines[index].running[id]?.batchesInFlight == 0 {
                end(pipelines[index].stop(id))
            } else {
                pipelines[index].cancel(id)
            }
        }
    }

    /// Cuts a sequence back to its first `count` tokens, because the tokens after them were a wrong guess. Nothing is
    /// computed or copied for it; positions after the cut are written again. The prompt is not cut, and a sequence in
    /// flight or one that is no longer is left as it is.
    public mutating func cutBack(_ id: SequenceID, to count: Int) {
        if let sequence = waiting[id] {
            if count < sequence.tokens.count { waiting.cutBack(id, to: count) }
        } else if let index = pipeline(of: id), let sequence = pipelines[index].running[id],
            sequence.batchesInFlight == 0, count < sequence.state.tokens.count
        {
            pipelines[index].cutBack(id, to: count)
        }
    }

    private func pipeline(of id: SequenceID) -> Int? { pipelines.firstIndex { $0.running[id] != nil } }

    /// A sequence has left its pipeline for good.
    private mutating func end(_ sequence: RunningSequence) {
        withdraw(sequence)
        shares.leave(sequence.state.client)
    }

    /// A sequence has left its pipeline and waits to run again.
    private mutating func requeue(_ sequence: RunningSequence) {
        withdraw(sequence)
        counters.preemptions += 1
        var state = sequence.state
        state.wasPreempted = true
        waiting.insert(state)
    }

    /// The rest of a prompt is not run, or not now: it does not count against its client.
    private mutating func withdraw(_ sequence: RunningSequence) {
        guard !sequence.isDecoding else { return }
        shares.withdraw(sequence.state.client, rows: sequence.unsent, priority: sequence.state.priority)
    }

    // MARK: - Schedule

    /// The batch to send now, or nil if enough are in flight or there is nothing to do.
    public mutating func nextBatch(pipeline index: Int = 0) -> ScheduledBatch? {
        guard pipelines.indices.contains(index), pipelines[index].takesMore else { return nil }
        startWaiting()
        let (batch, preempted) = pipelines[index].nextBatch(id: lastBatchID + 1, pipeline: index, shares: &shares)
        for sequence in preempted { requeue(sequence) }
        if let batch { lastBatchID = batch.id }
        return batch
    }

    /// Starts waiting sequences while the next one finds its blocks. For one that does not, another may have to give up its
    /// own; the sequence then starts before a later batch.
    private mutating func startWaiting() {
        guard waiting.count > 0 else { return }
        var placement = Placement(pipelines)
        while let sequence = waiting.next(
            running: placement.running, shares: shares, mayStart: { placement.mayStart($0) })
        {
            let order = placement.order(for: sequence, among: pipelines)
            guard let running = start(sequence, inFirstOf: order) else {
                guard let victim = placement.victim(for: sequence, among: pipelines) else { return }
                if let stopped = pipelines[victim.pipeline].preempt(victim.sequence) { requeue(stopped) }
                return
            }
            placement.started(running)
        }
    }

    /// Starts a waiting sequence in the first of some pipelines that has the blocks for it; nil if none has.
    private mutating func start(_ sequence: SequenceState, inFirstOf order: [Int]) -> RunningSequence? {
        for index in order {
            if let running = start(sequence, in: index) { return running }
        }
        return nil
    }

    private mutating func start(_ sequence: SequenceState, in index: Int) -> RunningSequence? {
        guard pipelines[index].running.count < limits.runningSequences,
            let blocks = pipelines[index].allocate(for: sequence)
        else { return nil }
        if !sequence.wasPreempted {
            counters.queries += UInt64(sequence.reusable)
            counters.hits += UInt64(blocks.cached)
        }
        waiting.remove(sequence.id)
        let startTag = shares.lineUp(
            sequence.client, rows: sequence.tokens.count - blocks.cached, priority: sequence.priority)
        let running = RunningSequence(sequence, blocks, startTag: startTag)
        pipelines[index].start(running)
        return running
    }

    // MARK: - Complete

    /// A batch came back: the oldest in flight of its pipeline. Returns what that means for each of its sequences, in the
    /// batch's order. Returns nil, and changes nothing, if it is no such batch or a sampled token is missing.
    public mutating func complete(_ outcome: BatchOutcome, now: Double = 0) -> [SequenceStep]? {
        guard let index = pipelines.firstIndex(where: { $0.accepts(outcome) }) else { return nil }
        return pipelines[index].completeOldest(outcome, now: now).slices.map { slice in
            let (progress, left) = pipelines[index].complete(slice, of: outcome)
            if let left {
                if progress.isLast { end(left) } else { requeue(left) }
            }
            return SequenceStep(sequence: slice.sequence, progress: progress)
        }
    }

    // MARK: - Reports

    /// What has been done so far.
    public var statistics: SchedulerStatistics {
        var statistics = counters
        statistics.evictions += pipelines.reduce(0) { $0 + $1.running.pool.evictions }
        return statistics
    }

    public var waitingCount: Int { waiting.count }
    /// Sequences of a client that the waiting table still takes.
    public func waitingCapacity(of client: ClientNumber) -> Int {
        max(0, min(limits.waitingSequences - waiting.count(of: client), limits.waitingSequencesOfAll - waiting.count))
    }
    public var runningCount: Int { pipelines.reduce(0) { $0 + $1.running.count } }
    public var isIdle: Bool { waitingCount + runningCount == 0 }
    /// Whether a sequence has left the waiting table and not ended.
    public func isRunning(_ id: SequenceID) -> Bool { pipeline(of: id) != nil }
    /// All tokens of a sequence, prompt included.
    public func tokens(of id: SequenceID) -> [Int32]? {
        waiting[id]?.tokens ?? pipeline(of: id).flatMap { pipelines[$0].running[id]?.state.tokens }
    }

    public var blockCapacity: Int { pipelines.reduce(0) { $0 + $1.running.pool.capacity } }
    /// Blocks that no sequence uses.
    public var freeBlocks: Int { pipelines.reduce(0) { $0 + $1.running.pool.freeCount } }
    /// Of these, blocks of the prefix cache.
    public var cachedBlocks: Int { pipelines.reduce(0) { $0 + $1.running.pool.cachedCount } }

    /// The blocks of each running sequence, in order.
    package var blockTables: [SequenceID: [UInt32]] {
        Dictionary(uniqueKeysWithValues: pipelines.flatMap { $0.running.all.map { ($0.id, $0.blockTable.blocks) } })
    }

    /// The batch in flight with this number.
    public func batchInFlight(_ id: UInt64) -> ScheduledBatch? {
        pipelines.lazy.flatMap(\.inFlight).first { $0.id == id }
    }

    /// Whether the result of a batch is the next to come from its pipeline.
    public func isOldest(_ batch: ScheduledBatch) -> Bool { pipelines[batch.pipeline].inFlight.first?.id == batch.id }

    /// Batches of a pipeline in flight, the oldest first.
    public func batchesInFlight(pipeline: Int) -> [ScheduledBatch] {
        pipelines.indices.contains(pipeline) ? pipelines[pipeline].inFlight : []
    }

    /// Batches in flight of which every sequence has been finished.
    public func cancelledBatches() -> [UInt64] { pipelines.flatMap(\.cancelledBatches) }

    /// What batches of a pipeline have taken each of its stages; empty while there were too few of them.
    public func measuredCosts(pipeline: Int) -> [RowCosts] {
        pipelines.indices.contains(pipeline) ? pipelines[pipeline].measuredCosts : []
    }

    public var pipelineStates: [PipelineState] { pipelines.map(\.state) }
}
