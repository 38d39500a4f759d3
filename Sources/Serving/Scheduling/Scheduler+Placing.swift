extension Scheduler {
    /// Starts waiting sequences, those of the client that runs the fewest first, while the next finds its blocks.
    mutating func admit() {
        guard waiting.count > 0 else { return }
        var led = ledGroups
        var running = runningCounts
        while let id = waiting.next(running: running, shares, mayStart: { !waitsForGroup($0, led) }) {
            guard place(id) else { return preemptInFavour(of: id, running) }
            guard let sequence = sequences[id] else { continue }
            running[sequence.request.client, default: 0] += 1
            if sequence.isLeading, let group = sequence.request.group { led.insert(group) }
        }
    }

    /// Sequences that each client runs.
    private var runningCounts: [ClientNumber: Int] {
        var counts: [ClientNumber: Int] = [:]
        for id in pipelines.lazy.flatMap(\.running) {
            if let sequence = sequences[id] { counts[sequence.request.client, default: 0] += 1 }
        }
        return counts
    }

    /// A sequence waits for one of its group that runs the prompt they share, unless that is too short to be worth it.
    private func waitsForGroup(_ id: SequenceID, _ led: Set<UInt64>) -> Bool {
        guard let sequence = sequences[id], let group = sequence.request.group else { return false }
        return sequence.generatedCount == 0 && sequence.promptCount > BlockPool.positionsPerBlock && led.contains(group)
    }

    /// Gives a sequence its blocks, in the pipeline where it has least to wait for; false where no pipeline has room.
    private mutating func place(_ id: SequenceID) -> Bool {
        guard let sequence = sequences[id] else { return true }
        let order = pipelines.indices.map { index in
            let cached = pipelines[index].pool.prefix(of: sequence.tokens, limit: sequence.reusable).positions
            return (index, work: unsentRows(pipeline: index) + sequence.tokens.count - cached)
        }.sorted { $0.work < $1.work }
        return order.contains { place(id, in: $0.0) }
    }

    private mutating func place(_ id: SequenceID, in index: Int) -> Bool {
        guard var sequence = sequences[id], pipelines[index].running.count < limits.runningSequences,
            sequence.request.blocksNeeded <= pipelines[index].pool.capacity,
            let (prefix, blocks) = takeBlocks(for: sequence, in: index)
        else { return false }
        sequence.place = LiveSequence.Place(
            pipeline: index, blocks: prefix.blocks + blocks, contents: prefix.contents,
            copy: prefix.edge.map { ScheduledCopy(from: $0.block, to: blocks[0]) }, cached: prefix.positions,
            sent: prefix.positions)
        let startTag = shares.lineUp(
            sequence.request.client, rows: sequence.unsent, priority: sequence.request.priority)
        sequence.place?.startTag = startTag
        sequences[id] = sequence
        if !sequence.wasPreempted {
            statistics.askedPositions += UInt64(sequence.reusable)
            statistics.reusedPositions += UInt64(prefix.positions)
        }
        waiting.remove(id, of: sequence.request.client)
        pipelines[index].running.append(id)
        return true
    }

    /// Blocks of what is in the cache already, and blocks for the rest.
    private mutating func takeBlocks(
        for sequence: LiveSequence, in index: Int
    ) -> (prefix: CachedPrefix, blocks: [UInt32])? {
        // Those that run will need blocks too; else one comes in only to be sent out again.
        let reserve = min(pipelines[index].running.count, pipelines[index].pool.capacity / 8)
        var prefix = pipelines[index].pool.takePrefix(of: sequence.tokens, limit: sequence.reusable)
        let needed = BlockPool.blocks(for: sequence.tokens.count) - prefix.blocks.count
        if let edge = prefix.edge, pipelines[index].pool.freeCount < needed + reserve {
            // It may be the very block that is missing.
            pipelines[index].pool.release([edge.block])
            prefix.edge = nil
        }
        if pipelines[index].pool.freeCount >= needed + reserve, let blocks = pipelines[index].pool.allocate(needed) {
            return (prefix, blocks)
        }
        pipelines[index].pool.release(prefix.blocks + (prefix.edge.map { [$0.block] } ?? []))
        return nil
    }

    private func unsentRows(pipeline: Int) -> Int {
        pipelines[pipeline].running.reduce(0) { $0 + (sequences[$1]?.unsent ?? 0) + 1 }
    }

    /// Groups whose prompt is being run.
    private var ledGroups: Set<UInt64> {
        Set(
            pipelines.lazy.flatMap(\.running).compactMap { sequences[$0] }
                .filter { $0.isLeading && !$0.isCancelled }.compactMap(\.request.group))
    }

    // MARK: - Giving blocks up

    /// Blocks for a sequence's first `positions` positions; false where it has to wait for them.
    mutating func grow(_ id: SequenceID, to positions: Int) -> Bool {
        guard let place = sequences[id]?.place else { return false }
        let missing = BlockPool.blocks(for: positions) - place.blocks.count
        guard missing > 0 else { return true }
        if let blocks = pipelines[place.pipeline].pool.allocate(missing) {
            sequences[id]?.place?.blocks += blocks
            return true
        }
        let running = pipelines[place.pipeline].running
        // Blocks are on their way back already.
        if running.contains(where: { isLeaving($0) }) { return false }
        guard let victim = running.max(by: { isGivenUpBefore($1, $0) }) else { return false }
        preempt(victim)
        return victim != id && sequences[victim]?.place == nil && grow(id, to: positions)
    }

    /// Whether of two sequences the first gives its blocks up before the second does: it has a lower priority, or is
    /// younger.
    private func isGivenUpBefore(_ first: SequenceID, _ second: SequenceID) -> Bool {
        guard let first = sequences[first], let second = sequences[second] else { return false }
        return (first.request.priority, second.arrival) < (second.request.priority, first.arrival)
    }

    /// Its blocks come back with the batches it is in.
    private func isLeaving(_ id: SequenceID) -> Bool {
        sequences[id].map { $0.isCancelled || $0.place?.isPreempted == true } ?? false
    }

    /// Takes a sequence's blocks, at once or when its batches come back; it waits to be run again.
    private mutating func preempt(_ id: SequenceID) {
        sequences[id]?.place?.isPreempted = true
        leaveIfPreempted(id)
    }

    /// Puts a preempted sequence back into the queue, once none of its batches is in flight.
    mutating func leaveIfPreempted(_ id: SequenceID) {
        guard let place = sequences[id]?.place, place.isPreempted, place.batchesInFlight == 0 else { return }
        leavePlace(id)
        sequences[id]?.wasPreempted = true
        statistics.preemptions += 1
        if let sequence = sequences[id] { waiting.insert(sequence) }
    }

    /// Has one sequence give its blocks up where another has a better right to them: one of the same client with a lower
    /// priority, or one of a client that still runs more sequences when it has given one up. So the other comes first.
    private mutating func preemptInFavour(of id: SequenceID, _ counts: [ClientNumber: Int]) {
        let running = pipelines.flatMap(\.running)
        guard let request = sequences[id]?.request, !running.contains(where: { isLeaving($0) }) else { return }
        let mine = counts[request.client] ?? 0
        let victims = running.filter { other in
            guard let other = sequences[other]?.request else { return false }
            if other.client == request.client { return other.priority < request.priority }
            return (counts[other.client] ?? 0) >= mine + 2 && other.priority <= request.priority
        }
        if let victim = victims.max(by: { isGivenUpBefore($1, $0) }) { preempt(victim) }
    }

    /// Gives a sequence's blocks back; what it has computed stays to be found.
    mutating func leavePlace(_ id: SequenceID) {
        guard let sequence = sequences[id], let place = sequence.place else { return }
        enterEdge(of: sequence)
        if !sequence.isDecoding {
            shares.withdraw(sequence.request.client, rows: sequence.unsent, priority: sequence.request.priority)
        }
        pipelines[place.pipeline].pool.release(place.blocks + (place.copy.map { [$0.from] } ?? []))
        pipelines[place.pipeline].running.removeAll { $0 == id }
        sequences[id]?.place = nil
    }

    /// Makes blocks that a batch filled known to others.
    mutating func enterFull(_ id: SequenceID) {
        guard let sequence = sequences[id], var place = sequence.place else { return }
        let size = BlockPool.positionsPerBlock
        while (place.contents.count + 1) * size <= place.cached {
            let block = place.contents.count
            let tokens = sequence.tokens[block * size..<(block + 1) * size]
            guard
                let content = pipelines[place.pipeline].pool.enter(
                    place.blocks[block], after: place.contents.last ?? 0, tokens: tokens)
            else { break }
            place.contents.append(content)
        }
        sequences[id]?.place = place
    }

    /// Makes the block that is partly filled known.
    mutating func enterEdge(of sequence: LiveSequence) {
        guard let place = sequence.place, place.copy == nil, !sequence.isFailed else { return }
        let size = BlockPool.positionsPerBlock
        let full = place.cached / size
        guard place.contents.count == full, place.cached > full * size,
            !pipelines[place.pipeline].pool.isShared(place.blocks[full])
        else { return }
        _ = pipelines[place.pipeline].pool.enter(
            place.blocks[full], after: place.contents.last ?? 0, tokens: sequence.tokens[full * size..<place.cached])
    }
}
