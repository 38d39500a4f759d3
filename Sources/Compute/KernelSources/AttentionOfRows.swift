// Attention of a strip of several rows.

extension Strip {
    /// Attention of several rows in one head. Each block is widened to f32 once and used for all rows, a tile at a
    /// time.
    @inline(__always)
    func attendMany<Element>(_ head: Int, _ blocks: SequenceBlocks<Element>, _ scratch: StripScratch) {
        let count = paddedPositions / laneCount
        for index in 0..<count {
            let keys = Element.widened(blocks.keys(index, head), count: width &* laneCount, scratch.block)
            writeScores(index, head, keys, scratch)
        }
        for row in 0..<rows {
            scratch.totals[row] = exponentials(scratch.weights + row &* paddedPositions, start &+ row &+ 1)
        }
        for index in 0..<count {
            let values = Element.widened(blocks.values(index, head), count: paddedWidth &* laneCount, scratch.block)
            addValues(index, values, scratch)
        }
        for row in 0..<rows {
            writeQuotients(
                scratch.sums + row &* paddedWidth, scratch.totals[row],
                output + (row &* outputStride &+ head &* width), width)
        }
    }

    /// Rows of `values` from `first` on; row 0 starts at `values`.
    @inline(__always)
    private func tileRows(_ values: UnsafeMutablePointer<Float>, _ stride: Int, from first: Int) -> TileRows {
        TileRows(pointer: values + first &* stride, stride: stride, last: rows &- 1 &- first)
    }

    /// The first row that attends to a position of block `index`.
    @inline(__always)
    private func firstRow(_ index: Int) -> Int { max(0, index &* laneCount &- start) }

    /// Scores of one block's positions. Rows that attend to only some of them get meaningless scores for the others.
    @inline(__always)
    private func writeScores(_ index: Int, _ head: Int, _ keys: UnsafeRawPointer, _ scratch: StripScratch) {
        let queries = UnsafeMutablePointer(mutating: queries + head &* width)
        var row = firstRow(index)
        while row < rows {
            AttentionTile.writeScores(
                F32.self, tileRows(queries, queryStride, from: row), keys, width: width, scale: scale,
                tileRows(scratch.weights + index &* laneCount, paddedPositions, from: row))
            row &+= AttentionTile.rowCount
        }
    }

    /// Adds one block's values: first, for a whole tile, those of the positions all its rows attend to, then for each
    /// row its remaining ones.
    @inline(__always)
    private func addValues(_ index: Int, _ values: UnsafeRawPointer, _ scratch: StripScratch) {
        let position = index &* laneCount
        let weights = scratch.weights + position
        var row = firstRow(index)
        while row < rows {
            let common = min(laneCount, start &+ row &+ 1 &- position)
            AttentionTile.addValues(
                F32.self, tileRows(weights, paddedPositions, from: row), values, count: common,
                paddedWidth: paddedWidth, isFirst: index == 0, tileRows(scratch.sums, paddedWidth, from: row))
            for later in row &+ 1..<max(row &+ 1, min(rows, row &+ AttentionTile.rowCount)) {
                let count = min(laneCount, start &+ later &+ 1 &- position) &- common
                guard count > 0 else { continue }
                SingleTile.addValues(
                    F32.self, tileRows(weights + common, paddedPositions, from: later),
                    values + common &* paddedWidth &* F32.byteCount, count: count,
                    paddedWidth: paddedWidth, isFirst: false, tileRows(scratch.sums, paddedWidth, from: later))
            }
            row &+= AttentionTile.rowCount
        }
    }
}
