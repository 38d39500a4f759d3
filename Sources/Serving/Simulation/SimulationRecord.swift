import Scheduling

/// Records what happens in a simulation, and computes its outcome.
struct SimulationRecord {
    private let pipelines: [PipelineDescription]
    /// When each token of each stream was sampled.
    private var tokenTimes: [[Double]]
    private var work: [(pipeline: Int, stage: Int, start: Double, milliseconds: Double)] = []
    /// Batches that came back, with their rows, when they were sent, and when they were received.
    private var returned: [(pipeline: Int, rows: Int, isDecode: Bool, sent: Double, received: Double)] = []
    private var sentAt: [UInt64: Double] = [:]
    /// The streams that each pipeline ran.
    private var streamsOf: [Set<SequenceID>]

    init(pipelines: [PipelineDescription], streams: Int) {
        self.pipelines = pipelines
        tokenTimes = [[Double]](repeating: [], count: streams)
        streamsOf = pipelines.map { _ in [] }
    }

    mutating func sent(_ batch: ScheduledBatch, now: Double) {
        sentAt[batch.id] = now
        streamsOf[batch.pipeline].formUnion(batch.slices.map(\.sequence))
    }

    mutating func computed(_ batch: ScheduledBatch, stage: Int, start: Double, milliseconds: Double) {
        work.append((batch.pipeline, stage, start, milliseconds))
    }

    mutating func received(_ batch: ScheduledBatch, _ steps: [SequenceStep], now: Double) {
        let isDecode = batch.decodeRows == batch.rows
        returned.append((batch.pipeline, batch.rows, isDecode, sentAt.removeValue(forKey: batch.id) ?? now, now))
        for step in steps {
            switch step.progress {
            case .sampled, .sampledLast: tokenTimes[Int(step.sequence)].append(now)
            default: break
            }
        }
    }

    func outcome(end: Double) -> SimulatedOutcome {
        let firsts = tokenTimes.compactMap(\.first).sorted()
        // Between these times all streams decode.
        let from = firsts.last ?? 0
        let to = max(from, tokenTimes.compactMap(\.last).min() ?? 0)
        let span = max(to - from, .leastNormalMagnitude)
        let sampled = tokenTimes.joined().count { $0 > from && $0 <= to }
        let gaps = tokenTimes.flatMap { times in
            zip(times, times.dropFirst()).filter { $0.0 >= from && $0.1 <= to }.map { $1 - $0 }
        }.sorted()
        let inSpan = returned.filter { $0.isDecode && $0.received > from && $0.received <= to }
        let inFlight = returned.reduce(0.0) { $0 + max(0, min($1.received, to) - max($1.sent, from)) }
        return SimulatedOutcome(
            decodeTokensPerSecond: Double(sampled) / span * 1_000,
            tokensPerSecond: Double(tokenTimes.joined().count) / max(end, .leastNormalMagnitude) * 1_000,
            boundTokensPerSecond: bound(inSpan.map { ($0.pipeline, $0.rows) }),
            rowsPerBatch: Double(inSpan.reduce(0) { $0 + $1.rows }) / Double(max(1, inSpan.count)),
            batchesInFlight: inFlight / span, medianFirstToken: firsts.isEmpty ? 0 : firsts[firsts.count / 2],
            longestFirstToken: firsts.last ?? 0, medianGap: gaps.isEmpty ? 0 : gaps[gaps.count / 2],
            longestGap: gaps.last ?? 0, stageBusy: busy(from: from, to: to))
    }

    /// Tokens a second that are possible: for each pipeline what its slowest machine can do, or what its streams can do if
    /// they never wait, whichever is less, at the mean rows of its batches.
    private func bound(_ batches: [(pipeline: Int, rows: Int)]) -> Double {
        pipelines.indices.reduce(0) { sum, index in
            let rows = batches.filter { $0.pipeline == index }.map(\.rows)
            guard !rows.isEmpty else { return sum }
            let mean = Double(rows.reduce(0, +)) / Double(rows.count)
            let nearest = max(1, Int(mean.rounded()))
            let slowest = pipelines[index].slowestMilliseconds(rows: nearest)
            let pass = pipelines[index].passMilliseconds(rows: nearest)
            let streams = Double(streamsOf[index].count)
            return sum + min(mean / max(slowest, .leastNormalMagnitude), streams / max(pass, .leastNormalMagnitude))
                * 1_000
        }
    }

    private func busy(from: Double, to: Double) -> [[Double]] {
        var busy = pipelines.map { [Double](repeating: 0, count: $0.stages.count) }
        for piece in work {
            busy[piece.pipeline][piece.stage] += max(
                0, min(piece.start + piece.milliseconds, to) - max(piece.start, from))
        }
        return busy.map { $0.map { $0 / max(to - from, .leastNormalMagnitude) } }
    }
}
