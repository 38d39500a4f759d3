import Scheduling

/// What several pipelines are expected to do together.
public struct ClusterPrediction: Sendable, Equatable {
    /// Of each pipeline, with its part of the streams; one without streams is not used.
    public var pipelines: [PipelinePrediction?]
    public var tokensPerSecond: Double

    /// Deals the streams so that each has to wait for its next token about as long.
    public init(_ descriptions: [PipelineDescription], streams: Int) {
        let even = max(1, streams / max(1, descriptions.count))
        var weights = descriptions.map { $0.prediction(streams: even).tokensPerSecond }
        var shares = Self.shares(of: streams, weights: weights)
        // The more streams one has, the more tokens a second it gives: the deal settles within a few rounds.
        for _ in 0..<(descriptions.count > 1 ? 3 : 0) {
            weights = zip(descriptions, shares).map { $0.prediction(streams: max(1, $1)).tokensPerSecond }
            shares = Self.shares(of: streams, weights: weights)
        }
        pipelines = zip(descriptions, shares).map { $1 > 0 ? $0.prediction(streams: $1) : nil }
        let stretch = Self.stretch(descriptions, pipelines)
        tokensPerSecond = zip(pipelines, stretch).reduce(0) { $0 + ($1.0?.tokensPerSecond ?? 0) / $1.1 }
    }

    /// How much slower each pipeline gets because others use its machines too; 1: none does.
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

    /// Whole numbers as close to the weights as can be, that make `total`; of equal ones, the first get what is left.
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
