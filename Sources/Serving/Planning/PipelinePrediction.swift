import Scheduling

/// What a pipeline is expected to do when so many streams decode at once.
public struct PipelinePrediction: Sendable, Equatable {
    public var streams: Int
    /// Disjoint batches under way at once; the number with which most tokens come.
    public var batchesInFlight: Int
    /// Rows of the largest batch.
    public var rows: Int
    /// Time in which every stream gets one token.
    public var cycleMilliseconds: Double

    public var tokensPerSecond: Double { Double(streams) * 1_000 / max(cycleMilliseconds, 1e-6) }
}

extension PipelineDescription {
    /// More are never tried.
    private static let mostBatches = 512

    /// Batches under way that may be of use: one for each stage, and those that links hold meanwhile.
    public var usefulBatches: Int {
        let links = passMilliseconds(rows: 1) - stages.reduce(0) { $0 + $1.costs.milliseconds(rows: 1) }
        let held = (links / max(slowestMilliseconds(rows: 1), 1e-6)).rounded(.up)
        return stages.count + Int(min(Double(Self.mostBatches), max(0, held)))
    }

    /// What the pipeline does with `streams` streams, dealt to as many batches as are best.
    public func prediction(streams: Int) -> PipelinePrediction {
        let streams = max(1, streams)
        var best = prediction(streams: streams, batches: 1)
        for batches in stride(from: 2, through: min(streams, usefulBatches, Self.mostBatches), by: 1) {
            let next = prediction(streams: streams, batches: batches)
            if next.cycleMilliseconds < best.cycleMilliseconds * (1 - 1e-9) { best = next }
        }
        return best
    }

    /// The same with this number of batches.
    public func prediction(streams: Int, batches: Int) -> PipelinePrediction {
        let rows = (streams + batches - 1) / batches
        return PipelinePrediction(
            streams: streams, batchesInFlight: batches, rows: rows,
            cycleMilliseconds: cycleMilliseconds(rows: rows, batches: batches))
    }
}
