extension ThreadTeam {
    /// Causal self-attention of a batch: each row's query, columns 0..<width of `projection` [rows, 3 × width], over its
    /// sequence's keys and values in `cache` up to and with its own position, into `output` [rows, width].
    public func attend(
        _ projection: Matrix, layer: Int, _ batch: [CachedRows], _ cache: KeyValueCache, into output: Matrix
    ) {
        let width = cache.headCount * cache.headWidth
        precondition(projection.columns == 3 * width && output.columns == width, "columns of attention")
        precondition(projection.rows == output.rows, "rows of attention")
        var jobs: [AttentionJob] = []
        var multiplyAdds = 0
        for part in batch {
            precondition(part.start >= 0 && part.rows.upperBound <= output.rows, "rows of attention")
            let blocks = (part.start + part.rows.count + 15) / KeyValueCache.blockPositions
            cache.check(part.blockTable.prefix(blocks))
            precondition(part.blockTable.count >= blocks, "block table")
            multiplyAdds += (part.start + part.rows.count) * part.rows.count * 2 * width
            jobs += AttentionJob.jobs(of: part, headCount: cache.headCount)
        }
        let heads = AttentionHeads(projection, layer, cache, output, kernels)
        guard multiplyAdds >= 1 << 15 else {
            for job in jobs { heads.run(job) }
            return
        }
        run(jobs.count) { [jobs] index in heads.run(jobs[index]) }
    }
}

/// Attention of one head for some rows of one sequence.
private struct AttentionJob: Sendable {
    var rows: CachedRows
    var head: Int

    /// So many rows share a job that keys and values stay in the cache for the next row, and few enough to spread.
    private static let rowsPerJob = 16

    static func jobs(of part: CachedRows, headCount: Int) -> [AttentionJob] {
        // The last rows have most positions to look at, so they go first.
        let firsts = stride(from: part.rows.lowerBound, to: part.rows.upperBound, by: rowsPerJob).reversed()
        return firsts.flatMap { first in
            let rows = first..<min(first + rowsPerJob, part.rows.upperBound)
            let start = part.start + first - part.rows.lowerBound
            let chunk = CachedRows(rows: rows, start: start, blockTable: part.blockTable)
            return (0..<headCount).map { AttentionJob(rows: chunk, head: $0) }
        }
    }
}

/// What all jobs of one layer's attention share.
private struct AttentionHeads: Sendable {
    private let queries: AlignedMemory
    private let queryStride: Int
    private let output: AlignedMemory
    private let cache: AlignedMemory
    private let layerOffset: Int
    private let headCount: Int
    private let headWidth: Int
    private let paddedWidth: Int
    private let headStride: Int
    private let blockStride: Int
    private let scale: Float
    private let kernels: any KernelSet.Type

    init(
        _ projection: Matrix, _ layer: Int, _ cache: KeyValueCache, _ output: Matrix, _ kernels: any KernelSet.Type
    ) {
        self.kernels = kernels
        (queries, queryStride) = (projection.memory, projection.columns)
        (self.output, self.cache) = (output.memory, cache.memory)
        layerOffset = cache.offset(layer: layer)
        (headCount, headWidth, paddedWidth) = (cache.headCount, cache.headWidth, cache.paddedWidth)
        (headStride, blockStride) = (cache.headStride, cache.blockStride)
        scale = Float(1 / Double(cache.headWidth).squareRoot())
    }

    func run(_ job: AttentionJob) {
        let blocks = cache.floats + layerOffset + job.head * headStride
        let column = job.head * headWidth
        let capacity = paddedWidth + job.rows.start + job.rows.rows.count + 15
        withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { scratch in
            job.rows.blockTable.withUnsafeBufferPointer { table in
                guard let scratch = scratch.baseAddress, let table = table.baseAddress else { return }
                for (index, row) in job.rows.rows.enumerated() {
                    kernels.attention(
                        queries.floats + row * queryStride + column, width: headWidth, paddedWidth: paddedWidth,
                        scale: scale, blocks: blocks, blockStride: blockStride, blockTable: table,
                        positions: job.rows.start + index + 1, scratch: scratch,
                        output.floats + row * headCount * headWidth + column)
                }
            }
        }
    }
}
