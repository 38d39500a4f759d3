/// Fills the next batch of a pipeline.
///
/// First come single tokens of decoding sequences, until the batch has its share of what they all cost; clients take
/// turns (``FairOrder``), and of one client the sequence whose last batch is longest ago. The rows that are left go to
/// chunks of prompts, one whole prompt after the other as they stand in line (``FairShares``).
///
/// A sequence that needs a block when none is free preempts the youngest of the lowest priority, which may be itself.
struct BatchBuilder {
    private(set) var batch: ScheduledBatch
    /// Sequences that gave up their blocks and left the table.
    private(set) var preempted: [RunningSequence] = []

    init(id: UInt64, pipeline: Int) {
        batch = ScheduledBatch(id: id, pipeline: pipeline, slices: [], copies: [], decodeRows: 0)
    }

    /// Adds single tokens: at most `rows` of them, and as many as cost about `share`.
    mutating func addDecoding(
        from table: inout RunningTable, rows: Int, share: Double, shares: inout FairShares
    ) {
        var cost = 0.0
        let ready = table.all.filter { $0.isReady && $0.isDecoding }.sorted {
            ($0.lastBatch, $0.state.arrival) < ($1.lastBatch, $1.state.arrival)
        }
        var order = FairOrder(ready.map(\.state))
        var wasServed = false
        while batch.decodeRows < rows, let next = order.next(wasServed: wasServed) {
            let positions = next.tokens.count
            let more = PipelineLoad.cost(positions: positions)
            // If half of it or more would be too much, it waits for the next batch.
            guard cost == 0 || cost + more / 2 <= share else { return }
            wasServed =
                grow(next.id, to: positions, in: &table) && take(next.id, limit: 1, from: &table, shares: &shares) == 1
            if wasServed {
                cost += more
                batch.decodeRows += 1
            }
        }
    }

    /// Adds chunks of prompts until the batch has `rows` rows.
    mutating func addPrompts(from table: inout RunningTable, rows: Int, shares: inout FairShares) {
        var left = rows - batch.rows
        for id in Self.inLine(table.all.filter { $0.isReady && !$0.isDecoding }) where left > 0 {
            guard let sequence = table[id], grow(id, to: sequence.nextEnd(limit: left), in: &table) else { continue }
            left -= take(id, limit: left, from: &table, shares: &shares)
        }
    }

    /// Prompts by their start tags. The tags of one client go to its prompts with the highest priority first.
    private static func inLine(_ prompts: [RunningSequence]) -> [SequenceID] {
        var line: [(tag: Double, arrival: UInt64, id: SequenceID)] = []
        for (_, own) in Dictionary(grouping: prompts, by: \.state.client) {
            let urgent = own.sorted {
                ($1.state.priority, $0.startTag, $0.state.arrival) < ($0.state.priority, $1.startTag, $1.state.arrival)
            }
            for (sequence, tag) in zip(urgent, own.map(\.startTag).sorted()) {
                line.append((tag, sequence.state.arrival, sequence.id))
            }
        }
        return line.sorted { ($0.tag, $0.arrival) < ($1.tag, $1.arrival) }.map(\.id)
    }

    /// Blocks for the first `positions` positions of a sequence; false if it has to wait for them, or was preempted for
    /// another one of this batch.
    private mutating func grow(_ id: SequenceID, to positions: Int, in table: inout RunningTable) -> Bool {
        guard table[id] != nil else { return false }
        while !table.grow(id, to: positions) {
            guard let victim = table.nextToPreempt?.id, let stopped = table.preempt(victim) else { return false }
            preempted.append(stopped)
            if victim == id { return false }
        }
        return true
    }

    /// Puts the next positions of a sequence into the batch. Returns how many: none if it is being preempted.
    private mutating func take(
        _ id: SequenceID, limit: Int, from table: inout RunningTable, shares: inout FairShares
    ) -> Int {
        guard let sequence = table[id], sequence.isReady else { return 0 }
        let (slice, copy) = table.send(id, limit: limit, batch: batch.id)
        if let copy { batch.copies.append(copy) }
        batch.slices.append(slice)
        shares.serve(rows: slice.tokens.count, startTag: sequence.isDecoding ? nil : sequence.startTag)
        return slice.tokens.count
    }
}
