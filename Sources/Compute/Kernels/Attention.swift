/// What attention multiplies its scores by: one over √(width of a head), or over 1 where `isRooted` is false, times
/// `divisor`; computed in f64 and rounded once.
public func attentionScale(headWidth: Int, isRooted: Bool = true, divisor: Int = 1) -> Float {
    Float(1 / ((isRooted ? Double(headWidth).squareRoot() : 1) * Double(divisor)))
}

extension Backend {
    /// Stores a batch's keys and values in `cache` and computes its causal self-attention into `output` [rows, width].
    ///
    /// `projection` is [rows, 3 × width]: queries, keys and values. Each row attends to its sequence's positions up to
    /// and including its own. No part of the batch may write to a block that another part uses. `scale` multiplies the
    /// products of queries with keys; nil for 1 / √(width of a head).
    public func attend(
        _ projection: Matrix, layer: Int, _ batch: [CachedRows], _ cache: KeyValueCache, scale: Float? = nil,
        into output: ProductInput
    ) {
        let width = cache.headCount * cache.headWidth
        let prepared = output.prepared
        precondition(projection.columns == 3 * width && prepared.depth == width, "columns of attention")
        precondition(projection.rows == prepared.rows, "rows of attention")
        for part in batch { cache.check(part, rowCount: projection.rows) }
        // With at most one strip for each part, the thread that stores a head's keys and values is the only one that
        // reads them.
        let storesAlong = batch.allSatisfy { $0.rows.count <= RowStrip.rowsPerStrip }
        if !storesAlong { store(projection, layer: layer, batch, cache) }
        let layer = CachedLayer(projection, layer, cache, kernels)
        let headWidth = cache.headWidth
        let scale = scale ?? attentionScale(headWidth: headWidth)
        run(RowStrip.strips(of: batch), of: cache, together: prepared.columnsTogether) {
            [batch, kernels] strip, heads in
            let rows = layer.attend(
                batch[strip.part], strip.range, heads: heads, scale: scale, storing: storesAlong, prepared.floats)
            prepared.prepare(
                rows: rows, columns: heads.lowerBound * headWidth..<heads.upperBound * headWidth, kernels)
        }
    }

    /// Stores keys and values without computing attention.
    package func store(_ projection: Matrix, layer: Int, _ batch: [CachedRows], _ cache: KeyValueCache) {
        precondition(projection.columns == 3 * cache.headCount * cache.headWidth, "columns of a projection")
        for part in batch { cache.check(part, rowCount: projection.rows) }
        let layer = CachedLayer(projection, layer, cache, kernels)
        run(RowStrip.wholeParts(of: batch), of: cache, together: 1) { [batch] strip, heads in
            layer.store(batch[strip.part], heads: heads)
        }
    }

    /// Calls `body` for all heads of all strips, a range of heads of one strip at a time.
    /// - Parameter columns: Heads are split only at multiples of so many columns.
    private func run(
        _ strips: [RowStrip], of cache: KeyValueCache, together columns: Int,
        _ body: @escaping @Sendable (RowStrip, _ heads: Range<Int>) -> Void
    ) {
        let cut = HeadCut(cache, together: columns)
        let work = strips.reduce(0) { $0 + $1.work }
        guard work * 2 * cache.headCount * cache.headWidth >= ThreadTeam.worthSharing, threadCount > 1 else {
            for strip in strips { body(strip, 0..<cache.headCount) }
            return
        }
        let shares = strips.flatMap { strip in
            let wanted = threadCount * strip.sharesPerThread
            return cut.ranges(strip.work * wanted / work).map { (strip, $0) }
        }
        team.run(shares.count) { body(shares[$0].0, shares[$0].1) }
    }
}

/// Neighbouring rows of one part of a batch.
private struct RowStrip: Sendable {
    /// Index of the part.
    let part: Int
    /// The rows, counted from the part's first.
    let range: Range<Int>
    /// The positions that each row attends to, or stores, added up over the rows.
    let work: Int

    /// The most rows that share a block of keys or values while it is in the first-level cache; few enough to spread
    /// over threads.
    static let rowsPerStrip = 32

    static func strips(of batch: [CachedRows]) -> [RowStrip] {
        batch.enumerated().flatMap { index, part in
            let rows = part.rows.count
            let count = (rows + rowsPerStrip - 1) / rowsPerStrip
            // The last rows attend to the most positions, so they go first.
            return (0..<count).reversed().map { strip in
                let range = rows * strip / count..<rows * (strip + 1) / count
                return RowStrip(part: index, range: range, work: range.count * (part.start + range.upperBound))
            }
        }
    }

    static func wholeParts(of batch: [CachedRows]) -> [RowStrip] {
        batch.enumerated().map { index, part in
            RowStrip(part: index, range: 0..<part.rows.count, work: part.rows.count)
        }
    }

    /// Several shares for each thread balance delays. A single row reads keys and values as streams, which are faster
    /// the more heads they contain.
    var sharesPerThread: Int { range.count == 1 ? 4 : 32 }
}

/// Divides heads into ranges of neighbours.
private struct HeadCut {
    private let headCount: Int
    /// Neighbours that stay together, and the number of such groups.
    private let together: Int
    private let units: Int

    /// - Parameter columns: Neighbouring columns that stay together.
    init(_ cache: KeyValueCache, together columns: Int) {
        headCount = cache.headCount
        // The least number of heads whose columns are whole groups.
        together = (1...columns).first { $0 * cache.headWidth % columns == 0 } ?? columns
        units = (headCount + together - 1) / together
    }

    /// About `wanted` ranges of heads, at least one.
    func ranges(_ wanted: Int) -> [Range<Int>] {
        let count = max(1, min(units, wanted))
        return (0..<count).map { index in
            units * index / count * together..<min(headCount, units * (index + 1) / count * together)
        }
    }
}

/// One layer of a cache, and a batch's projection.
private struct CachedLayer: Sendable {
    private let projection: AlignedMemory
    private let projectionStride: Int
    private let cache: AlignedMemory
    /// Offsets in bytes of the keys and values of the layer's block 0.
    private let offsets: (keys: Int, values: Int)
    private let halfPrecision: Bool
    private let headCount: Int
    private let headWidth: Int
    private let kernels: any KernelSet.Type

    init(_ projection: Matrix, _ layer: Int, _ cache: KeyValueCache, _ kernels: any KernelSet.Type) {
        (self.projection, projectionStride) = (projection.memory, projection.columns)
        self.cache = cache.memory
        offsets = cache.offsets(layer: layer)
        halfPrecision = cache.type == .f16
        (headCount, headWidth) = (cache.headCount, cache.headWidth)
        self.kernels = kernels
    }

    private var width: Int { headCount * headWidth }
    private var keyBlocks: UnsafeMutableRawPointer { UnsafeMutableRawPointer(cache.floats) + offsets.keys }
    private var valueBlocks: UnsafeMutableRawPointer { UnsafeMutableRawPointer(cache.floats) + offsets.values }

    func store(_ part: CachedRows, heads: Range<Int>) {
        let keys = projection.floats + part.rows.lowerBound * projectionStride + width
        part.blockTable.withUnsafeBufferPointer { table in
            guard let table = table.baseAddress else { return }
            kernels.storeKeysAndValues(
                keys, keys + width, stride: projectionStride, rows: part.rows.count, start: part.start, heads: heads,
                headCount: headCount, width: headWidth, keyBlocks: keyBlocks, valueBlocks: valueBlocks,
                halfPrecision: halfPrecision, blockTable: table)
        }
    }

    /// Returns the rows of the output that were written.
    func attend(
        _ part: CachedRows, _ range: Range<Int>, heads: Range<Int>, scale: Float, storing: Bool,
        _ output: AlignedMemory
    ) -> Range<Int> {
        let row = part.rows.lowerBound + range.lowerBound
        part.blockTable.withUnsafeBufferPointer { table in
            guard let table = table.baseAddress else { return }
            let query = projection.floats + row * projectionStride
            kernels.attention(
                query, stride: projectionStride, rows: range.count,
                start: part.start + range.lowerBound, heads: heads, headCount: headCount, width: headWidth,
                scale: scale, keys: keyBlocks, values: valueBlocks, halfPrecision: halfPrecision, blockTable: table,
                storing: storing ? (UnsafePointer(query + width), UnsafePointer(query + 2 * width)) : nil,
                output.floats + row * width, outputStride: width)
        }
        return row..<row + range.count
    }
}
