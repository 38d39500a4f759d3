import Kernels

extension PipelineStage {
    /// Time of one operation, over all layers of the stage.
    public struct OperationTime: Sendable {
        public let operation: String
        public let milliseconds: Double
    }

    /// A batch of sequences that are all alike.
    public struct BatchShape: Sendable {
        public let sequences: Int
        /// Positions of each that are in the cache already.
        public let start: Int
        /// Positions of each that the batch computes.
        public let rowsPerSequence: Int

        public init(sequences: Int, start: Int, rowsPerSequence: Int) {
            (self.sequences, self.start, self.rowsPerSequence) = (sequences, start, rowsPerSequence)
        }

        public var rows: Int { sequences * rowsPerSequence }
        fileprivate var blocksPerSequence: Int { (start + rowsPerSequence - 1) / KeyValueCache.blockPositions + 1 }

        fileprivate var batch: [CachedRows] {
            (0..<sequences).map { index in
                let blocks = index * blocksPerSequence..<(index + 1) * blocksPerSequence
                return CachedRows(
                    rows: index * rowsPerSequence..<(index + 1) * rowsPerSequence, start: start,
                    blockTable: blocks.map(Int32.init))
            }
        }
    }

    /// Where the time of such a batch goes: each operation of every layer timed in turn, in the order of the computation,
    /// and the head for a row of each sequence. Medians of `repetitions`. It takes the cache's first blocks. Throws
    /// ``GPT2Error/batch(reason:)``.
    public func breakdown(_ shape: BatchShape, repetitions: Int) throws(GPT2Error) -> [OperationTime] {
        guard shape.sequences >= 1, shape.start >= 0, shape.rowsPerSequence >= 1, repetitions >= 1,
            shape.start + shape.rowsPerSequence <= configuration.contextLength,
            shape.sequences * shape.blocksPerSequence <= blockCount
        else { throw .batch(reason: "a breakdown of \(shape) with \(blockCount) blocks") }
        // Blocks that were never written would all be the same memory.
        for block in 1..<shape.sequences * shape.blocksPerSequence { cache.copyBlock(from: 0, to: Int32(block)) }
        var runs: [[(String, Double)]] = []
        for _ in 0...repetitions { runs.append(times(shape)) }
        // The first run finds memory that nobody has touched yet.
        let counted = runs.dropFirst()
        return runs[0].indices.map { index in
            OperationTime(
                operation: runs[0][index].0, milliseconds: counted.map { $0[index].1 }.sorted()[counted.count / 2])
        }
    }

    private func times(_ shape: BatchShape) -> [(String, Double)] {
        let scratch = LayerScratch(rows: shape.rows, configuration, weightType, pool)
        let x = someActivations(rows: shape.rows)
        let pass = LayerPass(shape.batch, cache, scratch, configuration, backend)
        var stopwatch = Stopwatch()
        for (index, layer) in transformerLayers.enumerated() {
            for step in layer.steps(x, in: pass, cacheLayer: index) { stopwatch.time(step.name, step.run) }
            stopwatch.time("check for non-finite values") { _ = x.isFinite }
        }
        if let head {
            let last = someActivations(rows: shape.sequences)
            stopwatch.time("head, a row a sequence") { _ = head.logits(last, backend, pool) }
        }
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
