import Scheduling

/// What is expected of a pipeline while so many streams decode.
public struct PipelinePrediction: Sendable, Equatable {
    public var streams: Int
    /// Batches in flight: the number that gives the most tokens per second.
    public var batchesInFlight: Int
    /// Rows of the largest batch.
    public var rows: Int
    /// Time in which every stream gets one token.
    public var cycleMilliseconds: Double

    public var tokensPerSecond: Double { Double(streams) * 1_000 / max(cycleMilliseconds, 1e-6) }
}

extension PipelineDescription {
    /// More batches in flight are never tried.
    private static let mostBatches = 512

    /// Batches in flight that may be of use: one for each stage, and those that are on links meanwhile.
    public var usefulBatches: Int {
        let links = passMilliseconds(rows: 1) - stages.reduce(0) { $0 + $1.costs.milliseconds(rows: 1) }
        let held = (links / max(slowestMilliseconds(rows: 1), 1e-6)).rounded(.up)
        return stages.count + Int(min(Double(Self.mostBatches), max(0, held)))
    }

    /// What is expected with `streams` streams in the best number of batches.
    public func prediction(streams: Int) -> PipelinePrediction {
        let streams = max(1, streams)
        var best = prediction(streams: streams, batches: 1)
        for batches in stride(from: 2, through: min(streams, usefulBatches, Self.mostBatches), by: 1) {
            let next = prediction(streams: streams, batches: batches)
            if next.cycleMilliseconds < best.cycleMilliseconds * (1 - 1e-9) { best = next }
        }
        return best
    }

    /// What is expected with `streams` streams in `batches` batches.
    public func prediction(streams: Int, batches: Int) -> PipelinePrediction {
        let rows = (streams + batches - 1) / batches
        return PipelinePrediction(
            streams: streams, batchesInFlight: batches, rows: rows,
            cycleMilliseconds: cycleMilliseconds(rows: rows, batches: batches))
    }
}
