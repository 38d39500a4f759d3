/// Rows of floats, `stride` apart. Rows past `last` repeat it, so that a tile with fewer rows left recomputes the last
/// one.
struct TileRows {
    let pointer: UnsafeMutablePointer<Float>
    let stride: Int
    let last: Int

    @inline(__always)
    init(pointer: UnsafeMutablePointer<Float>, stride: Int = 0, last: Int = 0) {
        (self.pointer, self.stride, self.last) = (pointer, stride, last)
    }

    @inline(__always)
    subscript(row: Int) -> UnsafeMutablePointer<Float> { pointer + min(row, last) &* stride }
}

/// The tile for a single row.
typealias SingleTile = RowTile<1, 4>

/// Attention of `rows` rows to one block of positions. Each key and value is loaded once for all rows.
enum RowTile<let rows: Int, let columns: Int> {
    @inline(__always)
    static var rowCount: Int { rows }

    typealias Lanes = InlineArray<rows, SIMD16<Float>>

    /// Writes the scores query · key × scale of 16 positions, whose keys are [width][16].
    ///
    /// For each position this is the dot product that all kernels use: lane j sums the products 16 m + j over ascending
    /// m, then the lanes are added by the tree of `sum16`. Here the lanes are in 16 registers, and the positions are
    /// side by side.
    @inline(never)
    static func writeScores<Element: StoredElement>(
        _: Element.Type, _ queries: TileRows, _ keys: UnsafeRawPointer, width: Int, scale: Float, _ scores: TileRows
    ) {
        let dots = DotProducts<Element>(queries: queries, keys: keys, width: width)
        // Depth first, so that few sums are live at once.
        let even = add(add(dots.eighth(0), dots.eighth(4)), add(dots.eighth(2), dots.eighth(6)))
        let odd = add(add(dots.eighth(1), dots.eighth(5)), add(dots.eighth(3), dots.eighth(7)))
        let sums = add(even, odd)
        for r in 0..<rows { store(scaled(sums[r], scale), scores[r]) }
    }

    /// Adds the values of `count` positions, [count][paddedWidth], times the rows' weights, to the rows' sums
    /// [paddedWidth], in ascending order. If `isFirst`, sums start from 0.
    @inline(never)
    static func addValues<Element: StoredElement>(
        _: Element.Type, _ weights: TileRows, _ values: UnsafeRawPointer, count: Int, paddedWidth: Int, isFirst: Bool,
        _ sums: TileRows
    ) {
        let values = ValueRows<Element>(pointer: values, count: count, paddedWidth: paddedWidth, isFirst: isFirst)
        var column = 0
        while column &+ columns &* laneCount <= paddedWidth {
            addColumns(weights, values, column, sums)
            column &+= columns &* laneCount
        }
        while column < paddedWidth {
            RowTile<rows, 1>.addColumns(weights, values, column, sums)
            column &+= laneCount
        }
    }

    @inline(__always)
    static func scaled(_ sums: SIMD16<Float>, _ scale: Float) -> SIMD16<Float> {
        let score = sums * SIMD16(repeating: scale)
        // Adds 0 to a finite score and NaN to an infinite one: exp(-infinity) would hide an infinite key.
        return score.addingProduct(score, SIMD16<Float>.zero)
    }

    @inline(__always)
    private static func add(_ a: Lanes, _ b: Lanes) -> Lanes {
        var sum = a
        for r in 0..<rows { sum[r] = a[r] + b[r] }
        return sum
    }
}

extension RowTile {
    fileprivate struct DotProducts<Element: StoredElement> {
        let queries: InlineArray<rows, UnsafeMutablePointer<Float>>
        let keys: UnsafeRawPointer
        let width: Int

        @inline(__always)
        init(queries: TileRows, keys: UnsafeRawPointer, width: Int) {
            var pointers = InlineArray<rows, UnsafeMutablePointer<Float>>(repeating: queries.pointer)
            for r in 0..<rows { pointers[r] = queries[r] }
            (self.queries, self.keys, self.width) = (pointers, keys, width)
        }

        /// The sum of lanes j and j + 8.
        @inline(__always)
        func eighth(_ j: Int) -> Lanes {
            var low = Lanes(repeating: .zero)
            var high = Lanes(repeating: .zero)
            var index = j
            while index &- j &+ laneCount <= width {
                step(&low, index, j)
                step(&high, index &+ 8, j)
                index &+= laneCount
            }
            if index < width { step(&low, index, j) }
            if index &+ 8 < width { step(&high, index &+ 8, j) }
            return add(low, high)
        }

        @inline(__always)
        private func step(_ sums: inout Lanes, _ index: Int, _ j: Int) {
            let key = keys + index &* laneCount &* Element.byteCount
            let lanes = Element.load16(key)
            for r in 0..<rows { sums[r] = sums[r].addingProduct(lanes, SIMD16(repeating: queries[r][index])) }
        }
    }
}

extension RowTile {
    /// The same for one row and a width that is a multiple of 16, reading the keys in memory order, line by line.
    @inline(never)
    static func writeScores<Element: StoredElement>(
        _: Element.Type, _ query: UnsafePointer<Float>, _ keys: UnsafeRawPointer, width: Int, scale: Float,
        _ scores: UnsafeMutablePointer<Float>
    ) {
        // Lane j in [j / 8][j % 8].
        var sums = InlineArray<2, InlineArray<8, SIMD16<Float>>>(repeating: InlineArray(repeating: .zero))
        let step = laneCount &* Element.byteCount
        for index in stride(from: 0, to: width, by: laneCount) {
            for half in 0..<2 {
                let first = index &+ 8 &* half
                for pair in 0..<4 {
                    let j = 2 &* pair
                    let offset = (first &+ j) &* step
                    let (even, odd) = Element.load32(keys + offset)
                    sums[half][j] = sums[half][j].addingProduct(even, SIMD16(repeating: query[first &+ j]))
                    sums[half][j &+ 1] = sums[half][j &+ 1].addingProduct(
                        odd, SIMD16(repeating: query[first &+ j &+ 1]))
                }
            }
        }
        for j in 0..<8 { sums[0][j] += sums[1][j] }
        for j in 0..<4 { sums[0][j] += sums[0][j &+ 4] }
        let even = sums[0][0] + sums[0][2]
        let odd = sums[0][1] + sums[0][3]
        store(scaled(even + odd, scale), scores)
    }
}

/// The values of neighbouring positions.
private struct ValueRows<Element: StoredElement> {
    let pointer: UnsafeRawPointer
    let count: Int
    let paddedWidth: Int
    let isFirst: Bool
}

extension RowTile {
    @inline(__always)
    private static func addColumns<Element>(
        _ weights: TileRows, _ values: ValueRows<Element>, _ column: Int, _ rowSums: TileRows
    ) {
        var sums = InlineArray<rows, InlineArray<columns, SIMD16<Float>>>(repeating: InlineArray(repeating: .zero))
        if !values.isFirst {
            for r in 0..<rows {
                for c in 0..<columns { sums[r][c] = load(rowSums[r] + (column &+ c &* laneCount)) }
            }
        }
        var value = values.pointer + column &* Element.byteCount
        for position in 0..<values.count {
            var lanes = InlineArray<columns, SIMD16<Float>>(repeating: .zero)
            for pair in 0..<columns / 2 {
                let address = value + pair &* (2 &* laneCount &* Element.byteCount)
                (lanes[2 &* pair], lanes[2 &* pair &+ 1]) = Element.load32(address)
            }
            if columns % 2 == 1 {
                lanes[columns &- 1] = Element.load16(value + (columns &- 1) &* laneCount &* Element.byteCount)
            }
            for r in 0..<rows {
                let weight = SIMD16(repeating: weights[r][position])
                for c in 0..<columns { sums[r][c] = sums[r][c].addingProduct(weight, lanes[c]) }
            }
            value += values.paddedWidth &* Element.byteCount
        }
        for r in 0..<rows {
            for c in 0..<columns { store(sums[r][c], rowSums[r] + (column &+ c &* laneCount)) }
        }
    }
}
