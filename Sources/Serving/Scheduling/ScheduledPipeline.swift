/// A pipeline as the scheduler keeps it: its blocks, who runs in it, what is under way, and what batches cost it.
struct ScheduledPipeline: Sendable {
    /// As it was described, with costs as they are measured.
    private(set) var description: PipelineDescription
    var pool: BlockPool
    /// In the order in which they got their blocks.
    var running: [SequenceID] = []
    /// Under way, the oldest first.
    var flights: [ScheduledBatch] = []
    var search = FlightSearch()
    private var measured: [MeasuredCosts]
    /// Batches whose times are known.
    private(set) var measuredBatches = 0

    init(_ description: PipelineDescription) {
        self.description = description
        pool = BlockPool(capacity: description.blocks)
        measured = description.stages.map { MeasuredCosts($0.costs) }
        for stage in measured.indices { self.description.stages[stage].costs = measured[stage].costs ?? RowCosts([]) }
    }

    /// Whether it is known what every stage costs.
    var hasCosts: Bool { measured.allSatisfy { $0.costs != nil } }

    /// What a batch of so many rows took each stage.
    mutating func note(rows: Int, stageMilliseconds: [Double]) {
        guard stageMilliseconds.count == measured.count else { return }
        measuredBatches += 1
        for (stage, milliseconds) in stageMilliseconds.enumerated() {
            measured[stage].note(rows: rows, milliseconds: milliseconds)
            if let costs = measured[stage].costs { description.stages[stage].costs = costs }
        }
    }
}

/// What a pipeline has to do at a moment.
struct PipelineLoad: Sendable, Equatable {
    /// Sequences that run drawn tokens, those in flight included.
    var decoding = 0
    /// What their rows cost together, in rows without any positions before them.
    var decodingCost = 0.0
    /// Positions of prompts that have not been sent.
    var promptRows = 0

    var kind: FlightSearch.Load { FlightSearch.Load(hasPrompts: promptRows > 0, decoding: decoding) }
}

// MARK: - How much, and how many at once

extension ScheduledPipeline {
    /// Positions whose attention costs a row about as much as its products do, in GPT-2 XL: 300 kB of keys and values a
    /// position at 35 GB/s, 2.95 GFLOP a row at 930 Gop/s.
    private static let positionsPerRow = 360.0
    /// Rows of a batch while it is not known what they cost.
    private static let cautiousRows = 64
    /// A prompt gets so many rows at least: with so few, weights are all that costs.
    private static let leastPromptRows = 8
    /// Rows go through a product so many at a time.
    private static let tileRows = 16

    /// What the row of a sequence with so many positions costs, in rows without any.
    static func cost(positions: Int) -> Double { 1 + Double(positions) / positionsPerRow }

    /// Batches in flight beyond which no stage could be busier.
    func mostFlights(_ limits: SchedulerLimits) -> Int {
        guard description.stages.count > 1 || description.resultLink.latencyMilliseconds > 0 else { return 1 }
        let rows = Self.tileRows
        let slowest = max(description.slowestMilliseconds(rows: rows), .leastNormalMagnitude)
        let pass = hasCosts ? description.passMilliseconds(rows: rows) / slowest : Double(description.stages.count)
        // One more than calculated, for processes on one machine may do better than by taking turns.
        return min(limits.flights, Int(min(pass.rounded(.up), 1_000)) + (description.stages.count > 1 ? 1 : 0))
    }

    /// Rows a millisecond with one batch in flight, with two, and so on, by what stages cost; none where that is not known.
    func expectedRates(_ load: PipelineLoad, _ limits: SchedulerLimits) -> [Double] {
        guard hasCosts else { return [] }
        return (1...mostFlights(limits)).map { flights in
            // A prompt has rows for every batch; single tokens are dealt to them.
            let rows =
                load.promptRows > 0 ? Self.tileRows * 4 : (max(1, load.decoding) + flights - 1) / flights
            let all = load.promptRows > 0 ? rows * flights : load.decoding
            return Double(all) / max(description.cycleMilliseconds(rows: rows, batches: flights), .leastNormalMagnitude)
        }
    }

    /// Batches in flight that are best by what stages cost.
    func expectedFlights(_ load: PipelineLoad, _ limits: SchedulerLimits) -> Int {
        bestFlights(expectedRates(load, limits), limits)
    }

    /// The least number of batches in flight that is about as good as any; without rates, one for each machine.
    func bestFlights(_ rates: [Double], _ limits: SchedulerLimits) -> Int {
        guard let best = rates.max() else { return min(description.hostCount, limits.flights) }
        return 1 + (rates.firstIndex { $0 >= 0.97 * best } ?? 0)
    }

    /// Batches that may be in flight.
    func flightLimit(_ load: PipelineLoad, _ limits: SchedulerLimits) -> Int {
        let limit = search.limit(
            load.kind, expected: expectedFlights(load, limits), most: mostFlights(limits))
        // With few sequences each has a batch of its own at most.
        return load.promptRows > 0 ? limit : min(limit, max(1, load.decoding))
    }

    /// Rows of decoding sequences in one batch: none may take much longer than a step, and prompts get a few as well.
    func decodeRows(_ load: PipelineLoad, _ limits: SchedulerLimits) -> Int {
        let room = limits.batchRows - (load.promptRows > 0 ? min(Self.leastPromptRows, limits.batchRows / 2) : 0)
        guard hasCosts else { return min(room, Self.cautiousRows) }
        return min(room, rows(limits) { description.slowestMilliseconds(rows: $0) <= limits.stepMilliseconds })
    }

    /// Rows of a batch with `decodeRows` rows of decoding sequences, and prompts in the others. The time between two tokens
    /// of a stream grows by a step's time at most.
    func batchRows(_ load: PipelineLoad, decodeRows: Int, flights: Int, _ limits: SchedulerLimits) -> Int {
        guard hasCosts else { return min(limits.batchRows, max(Self.cautiousRows, decodeRows + Self.leastPromptRows)) }
        let step = limits.stepMilliseconds
        let most: Int
        if load.decoding == 0 {
            most = rows(limits) { description.slowestMilliseconds(rows: $0) <= step }
        } else {
            let without = description.cycleMilliseconds(
                rows: (load.decoding + flights - 1) / flights, batches: flights)
            most = rows(limits) { description.cycleMilliseconds(rows: $0, batches: flights) <= without + step }
        }
        return min(limits.batchRows, max(most, decodeRows + Self.leastPromptRows))
    }

    /// The most rows, in whole tiles, for which it holds; one tile at least.
    private func rows(_ limits: SchedulerLimits, where holds: (Int) -> Bool) -> Int {
        var (low, high) = (1, max(1, limits.batchRows / Self.tileRows))
        while low < high {
            let middle = (low + high + 1) / 2
            if holds(middle * Self.tileRows) { low = middle } else { high = middle - 1 }
        }
        return min(limits.batchRows, low * Self.tileRows)
    }
}
