import Kernels
import ModelFiles

extension PipelineStage {
    /// Multiply-adds for one token in one layer's products and in the output head: how the two compare in cost.
    public static func multiplyAdds(_ configuration: GPT2Configuration) -> (perLayer: Int, head: Int) {
        let (width, inner) = (configuration.width, configuration.innerWidth)
        return (perLayer: 4 * width * width + 2 * width * inner, head: width * configuration.vocabularySize)
    }

    /// Runs all layers of the stage over `rows` tokens, and the head where it is here, `repetitions` times, on a cache of
    /// its own: the median time of one layer and of the head, in milliseconds. Throws ``GPT2Error/batch(reason:)`` or
    /// ``GPT2Error/kernels(_:)``.
    public func measure(
        rows: Int, repetitions: Int
    ) throws(GPT2Error) -> (millisecondsPerLayer: Double, headMilliseconds: Double?) {
        guard rows >= 1, rows <= 4096, repetitions >= 1, repetitions <= 1000 else {
            throw .batch(reason: "\(rows) rows (1 to 4096), \(repetitions) repetitions (1 to 1000)")
        }
        try requireMemory(rows: rows)
        let batch = Self.privateBatch(rows: rows, context: configuration.contextLength)
        let cache: KeyValueCache
        do {
            cache = try KeyValueCache(
                layerCount: 1, blockCount: batch.reduce(0) { $0 + $1.blockTable.count },
                headCount: configuration.headCount, headWidth: configuration.headWidth, type: self.cache.type)
        } catch {
            throw .kernels(error)
        }
        let scratch = LayerScratch(rows: rows, configuration, weightType, pool)
        let pass = LayerPass(batch, cache, scratch, configuration, backend)
        var layerTimes: [Double] = []
        var headTimes: [Double] = []
        for _ in 0..<repetitions {
            let x = someActivations(rows: rows)
            // All layers, so that their weights come from memory as they do under load.
            let time = milliseconds {
                for layer in transformerLayers { layer.forward(x, in: pass, cacheLayer: 0) }
            }
            layerTimes.append(time / Double(transformerLayers.count))
            if let head {
                headTimes.append(milliseconds { _ = head.logits(someActivations(rows: rows), backend, pool) })
            }
        }
        return (median(layerTimes), head == nil ? nil : median(headTimes))
    }

    /// `rows` positions of as few sequences as the context allows, in blocks of their own.
    private static func privateBatch(rows: Int, context: Int) -> [CachedRows] {
        var batch: [CachedRows] = []
        var (first, block) = (0, 0)
        while first < rows {
            let count = min(context, rows - first)
            let blocks = (count - 1) / KeyValueCache.blockPositions + 1
            let table = (block..<block + blocks).map(Int32.init)
            batch.append(CachedRows(rows: first..<first + count, start: 0, blockTable: table))
            (first, block) = (first + count, block + blocks)
        }
        return batch
    }

    /// Values in the range that real ones have.
    func someActivations(rows: Int) -> Matrix {
        let matrix = Matrix(rows: rows, columns: configuration.width)
        matrix.withMutableValues { values in
            for index in values.indices { values[index] = Float(index * 7919 % 1024) / 512 - 1 }
        }
        return matrix
    }

    private func milliseconds(_ body: () -> Void) -> Double {
        ContinuousClock().measure(body) / .milliseconds(1)
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
