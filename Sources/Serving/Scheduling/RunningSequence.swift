/// A sequence that has blocks in a pipeline, and how far it is.
struct RunningSequence: Sendable {
    private(set) var state: SequenceState
    private(set) var blockTable: BlockTable
    /// Where its prompt stands in line; the least goes first.
    let startTag: Double
    /// Positions that have been sent, those that came back included.
    private(set) var sent: Int
    private(set) var batchesInFlight = 0
    /// Number of the last batch it was in.
    private(set) var lastBatch: UInt64 = 0
    /// It gives up its blocks as soon as no batch of it is in flight.
    private(set) var isPreempted = false
    /// It was finished while in flight, and ends when its batches have come back.
    private(set) var isCancelled = false
    /// A batch of it failed: what later batches wrote counts for nothing either.
    private var isFailed = false

    /// - Parameter blockTable: blocks for all of its tokens.
    init(_ state: SequenceState, _ blockTable: BlockTable, startTag: Double) {
        self.state = state
        self.blockTable = blockTable
        self.startTag = startTag
        sent = blockTable.cached
    }

    var id: SequenceID { state.id }

    /// It runs sampled tokens one by one. After a preemption it first runs all of its tokens again.
    var isDecoding: Bool { state.generatedCount > 0 && state.tokens.count - blockTable.cached == 1 }

    /// Positions not sent yet.
    var unsent: Int { state.tokens.count - sent }

    /// Whether the next batch may hold it: nothing that it depends on is in flight, except earlier chunks of its prompt.
    var isReady: Bool {
        guard !isLeaving, unsent > 0 else { return false }
        return !isDecoding || batchesInFlight == 0
    }

    /// Its blocks come back with the batches it is in.
    var isLeaving: Bool { isCancelled || isPreempted }

    /// It runs the prompt for which others of its group wait.
    var isLeading: Bool { blockTable.cached < state.promptCount && !isCancelled }

    /// Where the next slice ends if it has at most `limit` positions.
    func nextEnd(limit: Int) -> Int { min(state.tokens.count, sent + limit) }

    // MARK: - Events

    mutating func cancel() { isCancelled = true }

    mutating func preempt() { isPreempted = true }

    mutating func grow(to positions: Int, from pool: inout BlockPool) -> Bool {
        blockTable.grow(to: positions, from: &pool)
    }

    /// The next positions to run, at most `limit` of them, which go into a batch, and the copy to make before it.
    mutating func send(limit: Int, batch: UInt64) -> (slice: ScheduledSlice, copy: ScheduledCopy?) {
        let end = nextEnd(limit: limit)
        let demand = state.demand(from: sent, to: end)
        let slice = ScheduledSlice(
            sequence: id, start: sent, tokens: Array(state.tokens[sent..<end]),
            blockTable: Array(blockTable.blocks.prefix(BlockPool.blocks(for: end))), samples: demand.samples,
            scoredRows: demand.scoredRows)
        sent = end
        batchesInFlight += 1
        lastBatch = batch
        return (slice, blockTable.takeCopy())
    }

    /// A batch with a slice of it came back. What the batch wrote enters the prefix cache, unless it failed.
    mutating func returned(_ slice: ScheduledSlice, isFailed batchFailed: Bool, in pool: inout BlockPool) {
        batchesInFlight -= 1
        if batchFailed { isFailed = true }
        guard !isFailed else { return }
        let endsPrompt = blockTable.cached < state.promptCount && slice.end == state.promptCount
        blockTable.filled(to: slice.end, of: state.tokens, in: &pool)
        if endsPrompt { blockTable.enterPartialBlock(of: state.tokens, in: &pool) }
    }

    /// What a slice that came back means for the text.
    mutating func advance(after slice: ScheduledSlice, token: Int32?) -> SequenceProgress {
        state.advance(after: slice, token: token)
    }

    /// Drops all tokens but the first `count`. Only while no batch of it is in flight.
    mutating func cutBack(to count: Int, in pool: inout BlockPool) {
        state.cutBack(to: count)
        blockTable.cutBack(to: count, in: &pool)
        sent = blockTable.cached
    }

    /// Gives its blocks back. What it has computed stays in the prefix cache.
    func release(to pool: inout BlockPool) {
        if !isFailed { blockTable.enterPartialBlock(of: state.tokens, in: &pool) }
        blockTable.release(to: &pool)
    }
}
