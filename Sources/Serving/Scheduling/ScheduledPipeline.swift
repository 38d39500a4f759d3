/// A pipeline as the scheduler keeps it: the sequences that run in it and their blocks, its batches in flight, and what
/// decides how large and how many batches are.
struct ScheduledPipeline: Sendable {
    private(set) var running: RunningTable
    /// The oldest first.
    private(set) var inFlight: [ScheduledBatch] = []
    private var sizing: BatchSizing

    init(_ description: PipelineDescription, limits: SchedulerLimits) {
        running = RunningTable(blocks: description.blocks)
        sizing = BatchSizing(description, limits: limits)
    }

    // MARK: - Sequences

    mutating func allocate(for sequence: SequenceState) -> BlockTable? { running.allocate(for: sequence) }

    mutating func start(_ sequence: RunningSequence) { running.start(sequence) }

    mutating func stop(_ id: SequenceID) -> RunningSequence { running.stop(id) }

    mutating func cancel(_ id: SequenceID) { running.cancel(id) }

    mutating func cutBack(_ id: SequenceID, to count: Int) { running.cutBack(id, to: count) }

    mutating func preempt(_ id: SequenceID) -> RunningSequence? { running.preempt(id) }

    // MARK: - Batches

    /// Whether one more batch could be of use, whatever there is to do.
    var takesMore: Bool { inFlight.count < sizing.mostInFlight }

    /// The batch to send now, if there is one, and the sequences that were preempted for it.
    mutating func nextBatch(
        id: UInt64, pipeline: Int, shares: inout FairShares
    ) -> (batch: ScheduledBatch?, preempted: [RunningSequence]) {
        let load = running.load
        let limit = sizing.inFlightLimit(load)
        guard inFlight.count < limit else { return (nil, []) }
        var builder = BatchBuilder(id: id, pipeline: pipeline)
        builder.addDecoding(
            from: &running, rows: sizing.decodeRows(load), share: load.decodingCost / Double(limit), shares: &shares)
        let rows = sizing.batchRows(load, decodeRows: builder.batch.decodeRows, inFlight: limit)
        builder.addPrompts(from: &running, rows: rows, shares: &shares)
        guard !builder.batch.slices.isEmpty else { return (nil, builder.preempted) }
        inFlight.append(builder.batch)
        running.releaseSources(of: builder.batch.copies)
        return (builder.batch, builder.preempted)
    }

    /// Whether an outcome is what the oldest batch in flight waits for: every sampled token is there, and only batches
    /// without a sequence that is still wanted have failed.
    func accepts(_ outcome: BatchOutcome) -> Bool {
        guard let batch = inFlight.first, batch.id == outcome.batch else { return false }
        return batch.slices.allSatisfy { slice in
            isCancelled(slice) || (!outcome.isFailed && (!slice.samples || outcome.sampled[slice.sequence] != nil))
        }
    }

    /// The oldest batch has come back. Returns it; its slices are then taken in one by one.
    mutating func completeOldest(_ outcome: BatchOutcome, now: Double) -> ScheduledBatch {
        let load = running.load
        let batch = inFlight.removeFirst()
        if !outcome.isFailed {
            sizing.completed(batch, load: load, stageMilliseconds: outcome.stageMilliseconds, now: now)
        }
        return batch
    }

    /// Takes in the result of a slice. Returns what it means for its sequence, and the sequence if it has left the table.
    mutating func complete(
        _ slice: ScheduledSlice, of outcome: BatchOutcome
    ) -> (progress: SequenceProgress, left: RunningSequence?) {
        running.returned(slice, isFailed: outcome.isFailed)
        if isCancelled(slice) {
            return (.gone, isInFlight(slice) ? nil : running.stop(slice.sequence))
        }
        let progress = running.advance(after: slice, token: outcome.sampled[slice.sequence])
        return (progress, progress.isLast ? running.stop(slice.sequence) : running.leave(slice.sequence))
    }

    /// Batches in flight of which every sequence has been finished.
    var cancelledBatches: [UInt64] {
        inFlight.filter { $0.slices.allSatisfy(isCancelled) }.map(\.id)
    }

    private func isCancelled(_ slice: ScheduledSlice) -> Bool { sequence(of: slice).isCancelled }

    private func isInFlight(_ slice: ScheduledSlice) -> Bool { sequence(of: slice).batchesInFlight > 0 }

    /// A sequence runs at least until its last batch is back.
    private func sequence(of slice: ScheduledSlice) -> RunningSequence {
        guard let sequence = running[slice.sequence] else {
            preconditionFailure("sequence \(slice.sequence) has left with a batch in flight")
        }
        return sequence
    }

    // MARK: - Reports

    /// What batches have taken each stage; empty while there were too few of them.
    var measuredCosts: [RowCosts] { sizing.measuredCosts }

    var state: PipelineState {
        let load = running.load
        return PipelineState(
            stages: sizing.description.stages.count, blocks: running.pool.capacity,
            freeBlocks: running.pool.freeCount - running.pool.cachedCount, cachedBlocks: running.pool.cachedCount,
            batchesInFlight: inFlight.count, inFlightLimit: sizing.inFlightLimit(load),
            inFlightReason: sizing.inFlightReason(load))
    }
}
