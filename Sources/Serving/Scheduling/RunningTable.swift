import OrderedCollections

/// The sequences that run in one pipeline, in the order in which they started, and the blocks that they use.
struct RunningTable: Sendable {
    private(set) var pool: BlockPool
    private var sequences: OrderedDictionary<SequenceID, RunningSequence> = [:]

    init(blocks: Int) { pool = BlockPool(capacity: blocks) }

    var count: Int { sequences.count }
    var all: some Collection<RunningSequence> { sequences.values }
    subscript(id: SequenceID) -> RunningSequence? { sequences[id] }

    /// A sequence that is known to run here: one that a batch in flight holds, for example.
    private func index(of id: SequenceID) -> Int {
        guard let index = sequences.index(forKey: id) else { preconditionFailure("sequence \(id) does not run here") }
        return index
    }

    // MARK: - Start and end

    /// Blocks for all tokens of a sequence, if there are enough. Some are left for the sequences that run, which will need
    /// more as well; otherwise one would start only to be preempted.
    mutating func allocate(for sequence: SequenceState) -> BlockTable? {
        guard sequence.request.blocksNeeded <= pool.capacity else { return nil }
        return BlockTable(
            for: sequence.tokens, reusable: sequence.reusable, reserve: min(sequences.count, pool.capacity / 8),
            from: &pool)
    }

    mutating func start(_ sequence: RunningSequence) { sequences[sequence.id] = sequence }

    /// Takes a sequence out and its blocks back; no batch of it may be in flight.
    mutating func stop(_ id: SequenceID) -> RunningSequence {
        let sequence = sequences.remove(at: index(of: id)).value
        precondition(sequence.batchesInFlight == 0, "blocks of a batch in flight taken back")
        sequence.release(to: &pool)
        return sequence
    }

    mutating func cancel(_ id: SequenceID) { sequences.values[index(of: id)].cancel() }

    mutating func cutBack(_ id: SequenceID, to count: Int) {
        sequences.values[index(of: id)].cutBack(to: count, in: &pool)
    }

    // MARK: - Blocks

    /// Gives a sequence blocks for its first `positions` positions; false if too few are free.
    mutating func grow(_ id: SequenceID, to positions: Int) -> Bool {
        sequences.values[index(of: id)].grow(to: positions, from: &pool)
    }

    /// The sequence to preempt if blocks are missing: the youngest of the lowest priority. Nil while blocks are on their
    /// way back already.
    var nextToPreempt: RunningSequence? {
        guard !sequences.values.contains(where: \.isLeaving) else { return nil }
        return sequences.values.max { $1.state.isPreempted(before: $0.state) }
    }

    /// Has a sequence give up its blocks. Returns it if it has left the table, and nil if it leaves when its batches in
    /// flight come back.
    mutating func preempt(_ id: SequenceID) -> RunningSequence? {
        sequences.values[index(of: id)].preempt()
        return leave(id)
    }

    /// Takes out a preempted sequence, once no batch of it is in flight.
    mutating func leave(_ id: SequenceID) -> RunningSequence? {
        let sequence = sequences.values[index(of: id)]
        return sequence.isPreempted && sequence.batchesInFlight == 0 ? stop(id) : nil
    }

    /// Ends the use of blocks that a batch copies from: whoever gets them next writes to them in a later batch.
    mutating func releaseSources(of copies: [ScheduledCopy]) { pool.release(copies.map(\.from)) }

    // MARK: - Batches

    mutating func send(_ id: SequenceID, limit: Int, batch: UInt64) -> (slice: ScheduledSlice, copy: ScheduledCopy?) {
        sequences.values[index(of: id)].send(limit: limit, batch: batch)
    }

    mutating func returned(_ slice: ScheduledSlice, isFailed: Bool) {
        sequences.values[index(of: slice.sequence)].returned(slice, isFailed: isFailed, in: &pool)
    }

    mutating func advance(after slice: ScheduledSlice, token: Int32?) -> SequenceProgress {
        sequences.values[index(of: slice.sequence)].advance(after: slice, token: token)
    }

    /// What there is to do.
    var load: PipelineLoad {
        var load = PipelineLoad()
        for sequence in sequences.values where !sequence.isLeaving {
            if sequence.isDecoding {
                load.decoding += 1
                load.decodingCost += PipelineLoad.cost(positions: sequence.state.tokens.count)
            } else {
                load.promptRows += sequence.unsent
            }
        }
        return load
    }
}
