extension ThreadTeam {
    /// Stores a batch's keys and values, columns width..<3 × width of `projection` [rows, 3 × width], in its blocks of
    /// `cache`, and then does its causal self-attention: each row's query, columns 0..<width, over its sequence's keys and
    /// values up to and with its own position, into `output` [rows, width]. No part may write a block that another uses.
    public func attend(
        _ projection: Matrix, layer: Int, _ batch: [CachedRows], _ cache: KeyValueCache, into output: ProductInput
    ) {
        let width = cache.headCount * cache.headWidth
        let prepared = output.prepared
        precondition(projection.columns == 3 * width && prepared.depth == width, "columns of attention")
        precondition(projection.rows == prepared.rows, "rows of attention")
        var strips: [RowStrip] = []
        var multiplyAdds = 0
        for (index, part) in batch.enumerated() {
            cache.check(part, rowCount: projection.rows)
            multiplyAdds += (part.start + part.rows.count) * part.rows.count * 2 * width
            RowStrip.cut(part, index, into: &strips)
        }
        // Then the thread that stores a part's keys and values is the only one to want them.
        let storesAlong = batch.allSatisfy { $0.rows.count <= RowStrip.rowsPerStrip }
        if !storesAlong { store(projection, layer: layer, batch, cache) }
        let shares = HeadShares(
            of: cache, together: prepared.columnsTogether, parts: strips.count, threadCount: threadCount,
            multiplyAdds: multiplyAdds)
        let layer = CachedLayer(projection, layer, cache, kernels)
        let headWidth = cache.headWidth
        run(shares) { [batch, strips, kernels] index in
            let strip = strips[index / shares.perPart]
            let heads = shares[index % shares.perPart]
            let part = batch[strip.part]
            if storesAlong { layer.store(part, heads: heads) }
            let rows = layer.attend(part, strip.range, heads: heads, prepared.floats)
            prepared.prepare(
                rows: rows, columns: heads.lowerBound * headWidth..<heads.upperBound * headWidth, kernels)
        }
    }

    /// Only stores keys and values.
    package func store(_ projection: Matrix, layer: Int, _ batch: [CachedRows], _ cache: KeyValueCache) {
        precondition(projection.columns == 3 * cache.headCount * cache.headWidth, "columns of a projection")
        var rows = 0
        for part in batch {
            cache.check(part, rowCount: projection.rows)
            rows += part.rows.count
        }
        let shares = HeadShares(
            of: cache, together: 1, parts: batch.count, threadCount: threadCount,
            multiplyAdds: rows * projection.columns)
        let layer = CachedLayer(projection, layer, cache, kernels)
        run(shares) { [batch] index in
            let part = batch[index / shares.perPart]
            layer.store(part, heads: shares[index % shares.perPart])
        }
    }

    private func run(_ shares: HeadShares, _ body: @escaping @Sendable (_ share: Int) -> Void) {
        if shares.isWorthSharing {
            run(shares.count, body)
        } else {
            for share in 0..<shares.count { body(share) }
        }
    }
}

/// Some neighbouring rows of one part of a batch.
private struct RowStrip: Sendable {
    /// Index of the part.
    var part: Int
    /// Rows of the part, counted from its first.
    var range: Range<Int>

    /// So many rows use a block of keys or values while it is in the first-level cache; few enough to spread.
    static let rowsPerStrip = 32

    static func cut(_ part: CachedRows, _ index: Int, into strips: inout [RowStrip]) {
        let count = (part.rows.count + rowsPerStrip - 1) / rowsPerStrip
        // The last rows have most positions to look at, so they go first.
        for strip in (0..<count).reversed() {
            let range = part.rows.count * strip / count..<part.rows.count * (strip + 1) / count
            strips.append(RowStrip(part: index, range: range))
        }
    }
}

/// How the heads of some parts are dealt out: each part's in shares of neighbours, since to begin with one costs time.
private struct HeadShares {
    private let headCount: Int
    /// Neighbours that stay together, and how many such there are.
    private let together: Int
    private let units: Int
    /// Number of shares of a part's heads.
    let perPart: Int
    /// Number of all shares.
    let count: Int
    /// Whether the work takes longer than to wake other threads.
    let isWorthSharing: Bool

    /// Many shares a thread even out threads that are held up, and parts of different size.
    private static let sharesPerThread = 32

    /// - Parameter columns: so many neighbouring columns belong together.
    init(of cache: KeyValueCache, together columns: Int, parts: Int, threadCount: Int, multiplyAdds: Int) {
        headCount = cache.headCount
        // The least number of heads that has whole groups of columns.
        together = (1...columns).first { $0 * cache.headWidth % columns == 0 } ?? columns
        isWorthSharing = threadCount > 1 && multiplyAdds >= 1 << 15
        let wanted = isWorthSharing ? threadCount * Self.sharesPerThread : 1
        units = (headCount + together - 1) / together
        perPart = min(units, (wanted + parts - 1) / max(1, parts))
        count = parts * perPart
    }

    /// The heads of a share.
    subscript(share: Int) -> Range<Int> {
        units * share / perPart * together..<min(headCount, units * (share + 1) / perPart * together)
    }
}

/// One layer's part of a cache, and a batch's projection.
private struct CachedLayer: Sendable {
    private let projection: AlignedMemory
    private let projectionStride: Int
    private let cache: AlignedMemory
    private let offset: Int
    private let blockStride: Int
    private let halfPrecision: Bool
    private let width: Int
    private let headWidth: Int
    private let kernels: any KernelSet.Type

    init(_ projection: Matrix, _ layer: Int, _ cache: KeyValueCache, _ kernels: any KernelSet.Type) {
        (self.projection, projectionStride) = (projection.memory, projection.columns)
        self.cache = cache.memory
        offset = cache.blocks(layer: layer) - UnsafeMutableRawPointer(cache.memory.floats)
        (blockStride, halfPrecision) = (cache.blockStride, cache.type == .f16)
        (width, headWidth) = (cache.headCount * cache.headWidth, cache.headWidth)
        self.kernels = kernels
    }

    private var blocks: UnsafeMutableRawPointer { UnsafeMutableRawPointer(cache.floats) + offset }

    func store(_ part: CachedRows, heads: Range<Int>) {
        let keys = projection.floats + part.rows.lowerBound * projectionStride + width
        part.blockTable.withUnsafeBufferPointer { table in
            guard let table = table.baseAddress else { return }
            kernels.storeKeysAndValues(
                keys, keys + width, stride: projectionStride, rows: part.rows.count, start: part.start, heads: heads,
                width: headWidth, blocks: blocks, halfPrecision: halfPrecision, blockStride: blockStride,
                blockTable: table)
        }
    }

    /// Gives the rows of the output that it has written.
    func attend(_ part: CachedRows, _ range: Range<Int>, heads: Range<Int>, _ output: AlignedMemory) -> Range<Int> {
        let row = part.rows.lowerBound + range.lowerBound
        let scale = Float(1 / Double(headWidth).squareRoot())
        part.blockTable.withUnsafeBufferPointer { table in
            guard let table = table.baseAddress else { return }
            kernels.attention(
                projection.floats + row * projectionStride, stride: projectionStride, rows: range.count,
                start: part.start + range.lowerBound, heads: heads, width: headWidth, scale: scale, blocks: blocks,
                halfPrecision: halfPrecision, blockStride: blockStride, blockTable: table,
                output.floats + row * width, outputStride: width)
        }
        return row..<row + range.count
    }
}
