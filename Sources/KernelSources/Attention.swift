/// Where the keys and values of one head of one layer lie.
private struct HeadBlocks {
    let base: UnsafePointer<Float>
    let stride: Int
    let paddedWidth: Int

    @inline(__always)
    func keys(_ block: Int32) -> UnsafePointer<Float> { base + Int(block) &* stride }

    @inline(__always)
    func values(_ block: Int32) -> UnsafePointer<Float> { keys(block) + laneCount &* paddedWidth }
}

extension Variant {
    /// Attention of one query [width] over the first `positions` positions of its sequence, in two passes over ascending
    /// absolute positions: scores and their maximum, then exponentials, their sum and the weighted values.
    ///
    /// Keys and values lie in blocks of 16 positions, `blockStride` floats from one to the next, each beginning with
    /// [16][paddedWidth] keys, followed by as many values, zero beyond the head's width. `scratch` has room for paddedWidth
    /// floats and for `positions` rounded up to 16. Gives `output` [width].
    @inline(never)
    public static func attention(
        _ query: UnsafePointer<Float>, width: Int, paddedWidth: Int, scale: Float, blocks: UnsafePointer<Float>,
        blockStride: Int, blockTable: UnsafePointer<Int32>, positions: Int, scratch: UnsafeMutablePointer<Float>,
        _ output: UnsafeMutablePointer<Float>
    ) {
        let blocks = HeadBlocks(base: blocks, stride: blockStride, paddedWidth: paddedWidth)
        let paddedQuery = scratch
        let weights = scratch + paddedWidth
        paddedQuery.update(from: query, count: width)
        (paddedQuery + width).update(repeating: 0, count: paddedWidth &- width)

        let greatest = scores(paddedQuery, scale, blocks, blockTable, positions, weights)
        let total = exponentials(weights, positions, greatest)
        var column = 0
        while column < width {
            if column &+ 4 &* laneCount <= paddedWidth {
                let sums = weightedValues(ValueColumns<4>.self, weights, blocks, blockTable, positions, column)
                for i in 0..<4 { divide(sums[i], total, output, width, column &+ i &* laneCount) }
                column &+= 4 &* laneCount
            } else {
                let sums = weightedValues(ValueColumns<1>.self, weights, blocks, blockTable, positions, column)
                divide(sums[0], total, output, width, column)
                column &+= laneCount
            }
        }
    }
}

/// The scores query · key × scale of all positions, and the greatest of them.
@inline(__always)
private func scores(
    _ query: UnsafePointer<Float>, _ scale: Float, _ blocks: HeadBlocks, _ blockTable: UnsafePointer<Int32>,
    _ positions: Int, _ scores: UnsafeMutablePointer<Float>
) -> Float {
    var greatest = -Float.infinity
    for position in 0..<positions {
        let keys = blocks.keys(blockTable[position / laneCount])
        let key = keys + (position % laneCount) &* blocks.paddedWidth
        var lanes = SIMD16<Float>.zero
        var i = 0
        while i < blocks.paddedWidth {
            lanes = lanes.addingProduct(load(query + i), load(key + i))
            i &+= laneCount
        }
        let score = sum16(lanes) * scale
        scores[position] = score
        if score > greatest { greatest = score }
    }
    return greatest
}

/// Replaces the scores by exp(score - greatest) and gives their sum.
@inline(__always)
private func exponentials(_ scores: UnsafeMutablePointer<Float>, _ positions: Int, _ greatest: Float) -> Float {
    let greatest = SIMD16(repeating: greatest)
    var lanes = SIMD16<Float>.zero
    forEachLanes(positions) { i in
        let weights = vectorExp(load(scores + i) - greatest)
        store(weights, scores + i)
        lanes += weights
    } tail: { i, count in
        storeTail(vectorExp(loadTail(scores + i, count) - greatest), scores + i, count)
        lanes += loadTail(scores + i, count)
    }
    return sum16(lanes)
}

/// Stands for `count` × 16 neighbouring columns of the values.
private enum ValueColumns<let count: Int> {}

/// The sums of the values of all positions by their weights, for some neighbouring columns.
@inline(__always)
private func weightedValues<let count: Int>(
    _: ValueColumns<count>.Type, _ weights: UnsafePointer<Float>, _ blocks: HeadBlocks,
    _ blockTable: UnsafePointer<Int32>, _ positions: Int, _ column: Int
) -> InlineArray<count, SIMD16<Float>> {
    var sums = InlineArray<count, SIMD16<Float>>(repeating: .zero)
    var position = 0
    while position < positions {
        var value = blocks.values(blockTable[position / laneCount]) + column
        let end = min(position &+ laneCount, positions)
        while position < end {
            let weight = SIMD16(repeating: weights[position])
            for i in 0..<count { sums[i] = sums[i].addingProduct(weight, load(value + i &* laneCount)) }
            value += blocks.paddedWidth
            position &+= 1
        }
    }
    return sums
}

@inline(__always)
private func divide(
    _ sums: SIMD16<Float>, _ total: Float, _ output: UnsafeMutablePointer<Float>, _ width: Int, _ column: Int
) {
    let quotient = sums / SIMD16(repeating: total)
    let count = width &- column
    if count >= laneCount {
        store(quotient, output + column)
    } else if count > 0 {
        storeTail(quotient, output + column, count)
    }
}
