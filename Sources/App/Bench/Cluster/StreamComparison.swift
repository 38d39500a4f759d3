import Observe

/// A cluster beside one process with the same streams, from runs in turn; as JSON with names in snake case.
package struct StreamComparison: Encodable, Sendable {
    package struct Rates: Encodable, Sendable {
        /// See ``StreamRates``.
        package let decodeTokensPerSecond: Double?
        package let wholeTokensPerSecond: Double

        init(_ runs: [StreamRates]) {
            decodeTokensPerSecond = medianOfAll(runs.map(\.decode))
            wholeTokensPerSecond = median(runs.map(\.whole))
        }
    }

    /// One run of each, or of the cluster alone.
    package struct Pair: Sendable {
        package let local: StreamRates?
        package let cluster: StreamRates
        /// Processor time of the cluster while the other ran ÷ that time, and the other way round; cores.
        package let restingCluster: Double
        package let restingLocal: Double

        package init(
            local: StreamRates?, cluster: StreamRates, restingCluster: Double = 0, restingLocal: Double = 0
        ) {
            (self.local, self.cluster) = (local, cluster)
            (self.restingCluster, self.restingLocal) = (restingCluster, restingLocal)
        }
    }

    package let workers: Int
    package let streams: Int
    /// Tokens of an answer: as many as were asked for, and as many as some stream was ahead of the last.
    package let decode: Int
    /// nil where there was no reference, as the four after `cluster`.
    package let local: Rates?
    package let cluster: Rates
    /// Medians of the paired ratios, cluster ÷ one process.
    package let decodeRatio: Double?
    package let wholeRatio: Double?
    /// With one stream: median of what a token takes longer in the cluster, for each of the workers + 1 ways that a
    /// batch goes from process to process.
    package let addedMillisecondsPerHop: Double?
    /// Cores that the resting side kept busy. That of this process has the client's work in it.
    package let restingClusterCores: Double?
    package let restingLocalCores: Double?

    package init(workers: Int, streams: Int, decode: Int, pairs: [Pair]) {
        (self.workers, self.streams, self.decode) = (workers, streams, decode)
        cluster = Rates(pairs.map(\.cluster))
        let references = pairs.compactMap(\.local)
        let isCompared = !pairs.isEmpty && references.count == pairs.count
        local = isCompared ? Rates(references) : nil
        decodeRatio = medianOfAll(pairs.map { pair in combine(pair.cluster.decode, pair.local?.decode, /) })
        wholeRatio = medianOfAll(pairs.map { pair in combine(pair.cluster.whole, pair.local?.whole, /) })
        let added = pairs.map { pair in
            combine(pair.cluster.decode, pair.local?.decode) { (1_000 / $0 - 1_000 / $1) / Double(workers + 1) }
        }
        addedMillisecondsPerHop = streams == 1 ? medianOfAll(added) : nil
        restingClusterCores = isCompared ? median(pairs.map(\.restingCluster)) : nil
        restingLocalCores = isCompared ? median(pairs.map(\.restingLocal)) : nil
    }
}

private func combine(_ first: Double?, _ second: Double?, _ body: (Double, Double) -> Double) -> Double? {
    guard let first, let second, first > 0, second > 0 else { return nil }
    return body(first, second)
}

/// nil where one of them is missing.
private func medianOfAll(_ values: [Double?]) -> Double? {
    let known = values.compactMap { $0 }
    return known.isEmpty || known.count < values.count ? nil : median(known)
}
