/// What came back from a batch.
public struct BatchOutcome: Sendable, Equatable {
    public var batch: UInt64
    /// The token of each sequence that drew one.
    public var drawn: [SequenceID: Int32]
    /// The batch was given up or came to nothing: what it wrote counts for nothing.
    public var isFailed: Bool
    /// What it took each stage; empty where that is not known.
    public var stageMilliseconds: [Double]

    public init(
        batch: UInt64, drawn: [SequenceID: Int32] = [:], isFailed: Bool = false, stageMilliseconds: [Double] = []
    ) {
        self.batch = batch
        self.drawn = drawn
        self.isFailed = isFailed
        self.stageMilliseconds = stageMilliseconds
    }
}

extension Scheduler {
    /// The batch to send now, or nil where enough are in flight or nothing is to be done.
    public mutating func nextBatch(pipeline index: Int = 0) -> ScheduledBatch? {
        guard pipelines.indices.contains(index),
            pipelines[index].flights.count < pipelines[index].mostFlights(limits)
        else { return nil }
        admit()
        let load = load(of: index)
        let flights = pipelines[index].flightLimit(load, limits)
        guard pipelines[index].flights.count < flights else { return nil }
        var batch = ScheduledBatch(id: lastBatchID + 1, pipeline: index, slices: [], copies: [], decodeRows: 0)
        takeDecoding(into: &batch, load, share: load.decodingCost / Double(flights))
        takePrompts(
            into: &batch,
            rows: pipelines[index].batchRows(load, decodeRows: batch.decodeRows, flights: flights, limits))
        guard !batch.slices.isEmpty else { return nil }
        lastBatchID += 1
        pipelines[index].flights.append(batch)
        // Whoever gets these blocks next writes to them in a later batch.
        pipelines[index].pool.release(batch.copies.map(\.from))
        return batch
    }

    /// A batch came back: the oldest in flight of its pipeline. Returns what that means for each of its sequences, in the
    /// batch's order; nil, and changes nothing, where it is no such batch or a token is missing.
    public mutating func complete(_ outcome: BatchOutcome, now: Double = 0) -> [SequenceStep]? {
        guard let index = pipelines.firstIndex(where: { $0.flights.first?.id == outcome.batch }),
            let batch = pipelines[index].flights.first
        else { return nil }
        let samplers = batch.slices.filter(\.samples)
        guard samplers.allSatisfy({ outcome.drawn[$0.sequence] != nil || isCancelled($0.sequence) }) else { return nil }
        guard !outcome.isFailed || batch.slices.allSatisfy({ isCancelled($0.sequence) }) else { return nil }
        let load = load(of: index)
        // What came back may have had prompts of which nothing is left to send.
        let kind = FlightSearch.Load(
            hasPrompts: load.promptRows > 0 || batch.decodeRows < batch.rows, decoding: load.decoding)
        pipelines[index].flights.removeFirst()
        if !outcome.isFailed {
            pipelines[index].note(rows: batch.rows, stageMilliseconds: outcome.stageMilliseconds)
            let rates = pipelines[index].expectedRates(load, limits)
            pipelines[index].search.note(
                kind, rows: batch.rows, now: now, expected: pipelines[index].bestFlights(rates, limits),
                most: pipelines[index].mostFlights(limits), rates: rates)
        }
        return batch.slices.map { slice in
            SequenceStep(
                sequence: slice.sequence,
                progress: advance(slice, drawn: outcome.drawn[slice.sequence], isFailed: outcome.isFailed))
        }
    }

    /// What a pipeline has to do.
    func load(of index: Int) -> PipelineLoad {
        var load = PipelineLoad()
        for id in pipelines[index].running {
            guard let sequence = sequences[id], !sequence.isCancelled, sequence.place?.isPreempted == false else {
                continue
            }
            if sequence.isDecoding {
                load.decoding += 1
                load.decodingCost += ScheduledPipeline.cost(positions: sequence.tokens.count)
            } else {
                load.promptRows += sequence.unsent
            }
        }
        return load
    }

    /// Single tokens, until the batch has its share of what they all cost.
    private mutating func takeDecoding(into batch: inout ScheduledBatch, _ load: PipelineLoad, share: Double) {
        let rows = pipelines[batch.pipeline].decodeRows(load, limits)
        var cost = 0.0
        let ready = readySequences(batch.pipeline).filter(\.isDecoding).sorted {
            ($0.place?.lastBatch ?? 0, $0.arrival) < ($1.place?.lastBatch ?? 0, $1.arrival)
        }
        var order = FairOrder(
            ready.map { FairOrder.Candidate(id: $0.id, client: $0.request.client, priority: $0.request.priority) })
        var wasServed = false
        while batch.decodeRows < rows, let id = order.next(wasServed: wasServed) {
            let positions = sequences[id]?.tokens.count ?? 0
            let more = ScheduledPipeline.cost(positions: positions)
            // Half of it or more would be too much.
            guard cost == 0 || cost + more / 2 <= share else { return }
            wasServed = grow(id, to: positions) && take(id, into: &batch, limit: 1) == 1
            if wasServed {
                cost += more
                batch.decodeRows += 1
            }
        }
    }

    /// Chunks of prompts with the rows that are left: whole prompts one after the other, as they stand in line.
    private mutating func takePrompts(into batch: inout ScheduledBatch, rows: Int) {
        var left = rows - batch.rows
        for id in inLine(readySequences(batch.pipeline).filter { !$0.isDecoding }) where left > 0 {
            guard let sequence = sequences[id], grow(id, to: sequence.nextEnd(limit: left)) else { continue }
            left -= take(id, into: &batch, limit: left)
        }
    }

    /// Prompts by their start tags. The tags of one client go to its prompts with the highest priority first.
    private func inLine(_ prompts: [LiveSequence]) -> [SequenceID] {
        var line: [(tag: Double, arrival: UInt64, id: SequenceID)] = []
        for (_, own) in Dictionary(grouping: prompts, by: \.request.client) {
            let urgent = own.sorted {
                ($1.request.priority, $0.place?.startTag ?? 0, $0.arrival)
                    < ($0.request.priority, $1.place?.startTag ?? 0, $1.arrival)
            }
            for (sequence, tag) in zip(urgent, own.map { $0.place?.startTag ?? 0 }.sorted()) {
                line.append((tag, sequence.arrival, sequence.id))
            }
        }
        return line.sorted { ($0.tag, $0.arrival) < ($1.tag, $1.arrival) }.map(\.id)
    }

    private func readySequences(_ pipeline: Int) -> [LiveSequence] {
        pipelines[pipeline].running.compactMap { sequences[$0] }.filter(\.isReady)
    }

    /// Puts a sequence's next positions into a batch; returns how many.
    private mutating func take(_ id: SequenceID, into batch: inout ScheduledBatch, limit: Int) -> Int {
        // It may have given its blocks up for another one of this batch.
        guard let sequence = sequences[id], sequence.isReady else { return 0 }
        let slice = sequence.slice(limit: limit)
        if let copy = sequence.place?.copy { batch.copies.append(copy) }
        sequences[id]?.place?.copy = nil
        sequences[id]?.place?.sent = slice.end
        sequences[id]?.place?.batchesInFlight += 1
        sequences[id]?.place?.lastBatch = batch.id
        shares.serve(rows: slice.tokens.count, startTag: sequence.isDecoding ? nil : sequence.place?.startTag)
        batch.slices.append(slice)
        return slice.tokens.count
    }

    private func isCancelled(_ id: SequenceID) -> Bool { sequences[id]?.isCancelled ?? true }

    private mutating func advance(_ slice: ScheduledSlice, drawn: Int32?, isFailed: Bool) -> SequenceProgress {
        let id = slice.sequence
        guard sequences[id]?.place != nil else { return .gone }
        sequences[id]?.place?.batchesInFlight -= 1
        if isFailed { sequences[id]?.isFailed = true }
        if sequences[id]?.isFailed == false {
            let before = sequences[id]?.place?.cached ?? 0
            sequences[id]?.place?.cached = slice.end
            enterFull(id)
            if let sequence = sequences[id], before < sequence.promptCount, slice.end == sequence.promptCount {
                enterEdge(of: sequence)
            }
        }
        if isCancelled(id) {
            if sequences[id]?.place?.batchesInFlight == 0 { end(id) }
            return .gone
        }
        let progress = progress(of: id, after: slice, drawn: drawn)
        switch progress {
        case .drewLast, .scoredLast: end(id)
        default: leaveIfPreempted(id)
        }
        return progress
    }

    private mutating func progress(of id: SequenceID, after slice: ScheduledSlice, drawn: Int32?) -> SequenceProgress {
        guard let sequence = sequences[id] else { return .gone }
        switch sequence.request.purpose {
        case .score:
            if slice.scoredRows != nil { sequences[id]?.scoredEnd = slice.end }
            if slice.end == sequence.tokens.count { return .scoredLast }
            return slice.scoredRows == nil ? .prefilled : .scored
        case .generate(let maximumTokens):
            guard slice.samples, let token = drawn else { return .prefilled }
            sequences[id]?.tokens.append(token)
            return sequence.generatedCount + 1 < maximumTokens ? .drew(token) : .drewLast(token)
        }
    }
}
