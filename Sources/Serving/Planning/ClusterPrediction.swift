import Scheduling

/// What is expected of several pipelines together.
public struct ClusterPrediction: Sendable, Equatable {
    /// For each pipeline what is expected with its part of the streams; nil if it gets none.
    public var pipelines: [PipelinePrediction?]
    public var tokensPerSecond: Double

    /// Divides the streams so that each waits about equally long for its next token.
    public init(_ descriptions: [PipelineDescription], streams: Int) {
        let even = max(1, streams / max(1, descriptions.count))
        var weights = descriptions.map { $0.prediction(streams: even).tokensPerSecond }
        var shares = Self.shares(of: streams, weights: weights)
        // The more streams a pipeline has, the more tokens a second it gives: the division settles within a few rounds.
        for _ in 0..<(descriptions.count > 1 ? 3 : 0) {
            weights = zip(descriptions, shares).map { $0.prediction(streams: max(1, $1)).tokensPerSecond }
            shares = Self.shares(of: streams, weights: weights)
        }
        pipelines = zip(descriptions, shares).map { $1 > 0 ? $0.prediction(streams: $1) : nil }
        let stretch = Self.stretch(descriptions, pipelines)
        tokensPerSecond = zip(pipelines, stretch).reduce(0) { $0 + ($1.0?.tokensPerSecond ?? 0) / $1.1 }
    }

    /// How many times slower each pipeline is because others use its machines too; 1 if none does.
    private static func stretch(
        _ descriptions: [PipelineDescription], _ predictions: [PipelinePrediction?]
    ) -> [Double] {
        guard descriptions.count > 1 else { return [1] }
        var busy: [Int: Double] = [:]
        for (description, prediction) in zip(descriptions, predictions) {
            guard let prediction, prediction.cycleMilliseconds > 0 else { continue }
            for stage in description.stages {
                let milliseconds = stage.costs.milliseconds(rows: prediction.rows)
                busy[stage.host, default: 0] +=
                    Double(prediction.batchesInFlight) * milliseconds / prediction.cycleMilliseconds
            }
        }
        return descriptions.map { $0.stages.reduce(1) { max($0, busy[$1.host] ?? 0) } }
    }

    /// Whole numbers in proportion to the weights that add up to `total`. Of equal ones, the first get what is left.
    static func shares(of total: Int, weights: [Double]) -> [Int] {
        let sum = weights.reduce(0, +)
        guard sum > 0, sum.isFinite else {
            return weights.indices.map { total / weights.count + ($0 < total % weights.count ? 1 : 0) }
        }
        let exact = weights.map { Double(total) * $0 / sum }
        var shares = exact.map { Int($0 + 1e-9) }
        let byRest = exact.indices.sorted { first, second in
            let rests = (exact[first] - Double(shares[first]), exact[second] - Double(shares[second]))
            return abs(rests.0 - rests.1) > 1e-9 ? rests.0 > rests.1 : first < second
        }
        for index in byRest.prefix(max(0, total - shares.reduce(0, +))) { shares[index] += 1 }
        return shares
    }
}
