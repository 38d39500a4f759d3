import Kernels

extension PipelineStage {
    /// Time of one operation, over all layers of the stage.
    public struct OperationTime: Sendable {
        public let operation: String
        public let milliseconds: Double
    }

    /// Where the time of a batch of `rows` positions of one sequence goes: each operation of every layer timed in turn, in
    /// the order of the computation, and the head for one row. Medians of `repetitions`. Throws
    /// ``GPT2Error/batch(reason:)`` or ``GPT2Error/kernels(_:)``.
    public func breakdown(rows: Int, repetitions: Int) throws(GPT2Error) -> [OperationTime] {
        guard rows >= 1, rows <= configuration.context, repetitions >= 1 else {
            throw .batch(reason: "\(rows) rows (1 to \(configuration.context))")
        }
        let blocks = (rows - 1) / KeyValueCache.blockPositions + 1
        let cache: KeyValueCache
        do {
            cache = try KeyValueCache(
                layerCount: 1, blockCount: blocks, headCount: configuration.headCount,
                headWidth: configuration.headWidth, type: cacheType)
        } catch {
            throw .kernels(error)
        }
        let batch = [CachedRows(rows: 0..<rows, start: 0, blockTable: (0..<blocks).map(Int32.init))]
        var runs: [[(String, Double)]] = []
        for _ in 0...repetitions { runs.append(times(rows, batch, cache)) }
        // The first run finds memory that nobody has touched yet.
        let counted = runs.dropFirst()
        return runs[0].indices.map { index in
            OperationTime(
                operation: runs[0][index].0, milliseconds: counted.map { $0[index].1 }.sorted()[counted.count / 2])
        }
    }

    private func times(_ rows: Int, _ batch: [CachedRows], _ cache: KeyValueCache) -> [(String, Double)] {
        let scratch = LayerScratch(rows: rows, configuration)
        let x = someActivations(rows: rows)
        var stopwatch = Stopwatch()
        for layer in transformerLayers { layer.measure(x, batch, cache, scratch, configuration, team, &stopwatch) }
        if let head { stopwatch.time("head, one row") { _ = head.logits(someActivations(rows: 1), team) } }
        return stopwatch.times
    }
}

/// Adds up the time of pieces of work by their names, in the order in which these come first.
struct Stopwatch {
    private(set) var times: [(String, Double)] = []

    mutating func time(_ name: String, _ body: () -> Void) {
        let milliseconds = ContinuousClock().measure(body) / .milliseconds(1)
        if let index = times.firstIndex(where: { $0.0 == name }) {
            times[index].1 += milliseconds
        } else {
            times.append((name, milliseconds))
        }
    }
}

extension TransformerLayer {
    /// ``forward(_:_:_:cacheLayer:_:_:_:)`` with each of its operations timed.
    fileprivate func measure(
        _ x: Matrix, _ batch: [CachedRows], _ cache: KeyValueCache, _ scratch: LayerScratch,
        _ configuration: GPT2Configuration, _ team: ThreadTeam, _ stopwatch: inout Stopwatch
    ) {
        for step in steps(x, batch, cache, cacheLayer: 0, scratch, configuration, team) {
            stopwatch.time(step.name, step.run)
        }
        stopwatch.time("check for non-finite values") { _ = x.isFinite }
    }
}
