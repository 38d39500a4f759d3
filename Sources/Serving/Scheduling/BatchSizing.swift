/// How many rows the batches of a pipeline get, and how many of them are in flight, by what they cost its stages.
struct BatchSizing: Sendable {
    /// Rows of a batch while it is not known what they cost.
    private static let cautiousRows = 64
    /// A prompt gets so many rows at least: with so few, weights are all that costs.
    private static let leastPromptRows = 8
    /// Rows go through a product so many at a time.
    private static let tileRows = 16
    /// Batches whose costs say something about the machines.
    private static let tellingBatches = 16

    private let limits: SchedulerLimits
    /// The pipeline as it was described, with the costs that were measured since.
    private(set) var description: PipelineDescription
    private var costs: [CostTable]
    private var measuredBatches = 0
    private var tuner = InFlightTuner()

    init(_ description: PipelineDescription, limits: SchedulerLimits) {
        self.description = description
        self.limits = limits
        costs = description.stages.map { CostTable($0.costs) }
        for stage in costs.indices { self.description.stages[stage].costs = costs[stage].costs ?? RowCosts([]) }
    }

    // MARK: - Measurements

    /// A batch of so many rows came back, which took each stage so long.
    /// - Parameters:
    ///   - load: what there was to do until now.
    ///   - now: milliseconds on any clock.
    mutating func completed(_ batch: ScheduledBatch, load: PipelineLoad, stageMilliseconds: [Double], now: Double) {
        note(rows: batch.rows, stageMilliseconds: stageMilliseconds)
        // The prompts of the batch may have nothing left to send.
        let kind = InFlightTuner.Load(
            hasPrompts: load.promptRows > 0 || batch.decodeRows < batch.rows, decoding: load.decoding)
        let rates = expectedRates(load)
        tuner.note(
            kind, rows: batch.rows, now: now,
            expected: InFlightTuner.Expectation(best: best(rates), most: mostInFlight, rates: rates))
    }

    private mutating func note(rows: Int, stageMilliseconds: [Double]) {
        guard stageMilliseconds.count == costs.count else { return }
        measuredBatches += 1
        for (stage, milliseconds) in stageMilliseconds.enumerated() {
            costs[stage].note(rows: rows, milliseconds: milliseconds)
            if let costs = costs[stage].costs { description.stages[stage].costs = costs }
        }
    }

    /// What batches have taken each stage; empty while there were too few of them.
    var measuredCosts: [RowCosts] {
        measuredBatches >= Self.tellingBatches ? description.stages.map(\.costs) : []
    }

    /// Whether it is known what every stage costs.
    private var hasCosts: Bool { costs.allSatisfy { $0.costs != nil } }

    // MARK: - Batches in flight

    private static func kind(of load: PipelineLoad) -> InFlightTuner.Load {
        InFlightTuner.Load(hasPrompts: load.promptRows > 0, decoding: load.decoding)
    }

    /// Batches in flight beyond which no stage could be busier.
    var mostInFlight: Int {
        guard description.stages.count > 1 || description.resultLink.latencyMilliseconds > 0 else { return 1 }
        let rows = Self.tileRows
        let slowest = max(description.slowestMilliseconds(rows: rows), .leastNormalMagnitude)
        let pass = hasCosts ? description.passMilliseconds(rows: rows) / slowest : Double(description.stages.count)
        // One more than calculated, because processes on one machine may do better than take turns.
        return min(
            limits.batchesInFlight, Int(min(pass.rounded(.up), 1_000)) + (description.stages.count > 1 ? 1 : 0))
    }

    /// Batches that may be in flight.
    func inFlightLimit(_ load: PipelineLoad) -> Int {
        let limit = tuner.limit(Self.kind(of: load), expected: best(expectedRates(load)), most: mostInFlight)
        // With few sequences each has a batch of its own at most.
        return load.promptRows > 0 ? limit : min(limit, max(1, load.decoding))
    }

    /// Why that is the limit, in one line.
    func inFlightReason(_ load: PipelineLoad) -> String {
        if mostInFlight == 1 { return "one stage, and no way to it that takes time" }
        let limit = inFlightLimit(load)
        if load.promptRows == 0, limit == max(1, load.decoding), limit < best(expectedRates(load)) {
            return "no more sequences"
        }
        let machines = description.hostCount
        let place = "\(description.stages.count) stages on \(machines) machine\(machines == 1 ? "" : "s")"
        if tuner.isFound(Self.kind(of: load)) { return "found by trying: \(place)" }
        return hasCosts ? "by what stages take: \(place)" : "one for each machine until stages are measured: \(place)"
    }

    /// Rows a millisecond with one batch in flight, with two, and so on, by what stages cost; empty if that is not known.
    private func expectedRates(_ load: PipelineLoad) -> [Double] {
        guard hasCosts else { return [] }
        return (1...mostInFlight).map { batches in
            // A prompt has rows for every batch; single tokens are divided among them.
            let rows = load.promptRows > 0 ? Self.tileRows * 4 : (max(1, load.decoding) + batches - 1) / batches
            let all = load.promptRows > 0 ? rows * batches : load.decoding
            return Double(all) / max(description.cycleMilliseconds(rows: rows, batches: batches), .leastNormalMagnitude)
        }
    }

    /// The least number of batches in flight that is about as good as any; without rates, one for each machine.
    private func best(_ rates: [Double]) -> Int {
        guard let best = rates.max() else { return min(description.hostCount, limits.batchesInFlight) }
        return 1 + (rates.firstIndex { $0 >= 0.97 * best } ?? 0)
    }

    // MARK: - Rows

    /// The most rows of decoding sequences in one batch: none may take much longer than a step, and prompts get a few as
    /// well.
    func decodeRows(_ load: PipelineLoad) -> Int {
        let most = limits.batchRows - (load.promptRows > 0 ? min(Self.leastPromptRows, limits.batchRows / 2) : 0)
        guard hasCosts else { return min(most, Self.cautiousRows) }
        return min(most, rows { description.slowestMilliseconds(rows: $0) <= limits.stepMilliseconds })
    }

    /// The most rows of a batch that already has `decodeRows` rows of decoding sequences; the others are for prompts. The
    /// time between two tokens of a stream grows by the time of a step at most.
    func batchRows(_ load: PipelineLoad, decodeRows: Int, inFlight: Int) -> Int {
        guard hasCosts else { return min(limits.batchRows, max(Self.cautiousRows, decodeRows + Self.leastPromptRows)) }
        let step = limits.stepMilliseconds
        let most: Int
        if load.decoding == 0 {
            most = rows { description.slowestMilliseconds(rows: $0) <= step }
        } else {
            let without = description.cycleMilliseconds(
                rows: (load.decoding + inFlight - 1) / inFlight, batches: inFlight)
            most = rows { description.cycleMilliseconds(rows: $0, batches: inFlight) <= without + step }
        }
        return min(limits.batchRows, max(most, decodeRows + Self.leastPromptRows))
    }

    /// The most rows, in whole tiles, for which a condition holds; one tile at least.
    private func rows(where holds: (Int) -> Bool) -> Int {
        var (low, high) = (1, max(1, limits.batchRows / Self.tileRows))
        while low < high {
            let middle = (low + high + 1) / 2
            if holds(middle * Self.tileRows) { low = middle } else { high = middle - 1 }
        }
        return min(limits.batchRows, low * Self.tileRows)
    }
}
