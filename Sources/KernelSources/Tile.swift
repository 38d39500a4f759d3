import CSIMD

/// What a tile multiplies: some rows [rows][depth], and some panels that lie one after another, [panel][depth][16].
struct Operands {
    let input: UnsafePointer<Float>
    let panels: UnsafePointer<Float>
    let depth: Int
    /// The part of the depth to take now.
    let range: Range<Int>
    let lookahead: Lookahead
}

/// Where a tile's sums lie, row after row, and what is added to them at the end.
struct Sums {
    let pointer: UnsafeMutablePointer<Float>
    let stride: Int
    let bias: UnsafePointer<Float>?

    /// Calls `body` with a copy that has `width` columns, of which these sums have the first `columns`, and takes them
    /// over from it.
    @inline(never)
    func withRoom(rows: Int, columns: Int, width: Int, _ body: (Sums) -> Void) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: (rows &+ 1) &* width) { room in
            let start = room.baseAddress!
            start.update(repeating: 0, count: (rows &+ 1) &* width)
            for row in 0..<rows { (start + row &* width).update(from: pointer + row &* stride, count: columns) }
            let last = start + rows &* width
            if let bias { last.update(from: bias, count: columns) }
            body(Sums(pointer: start, stride: width, bias: bias.map { _ in UnsafePointer(last) }))
            for row in 0..<rows { (pointer + row &* stride).update(from: start + row &* width, count: columns) }
        }
    }
}

/// Sums of `rows` input rows by `width` panels, all in registers.
enum Tile<let rows: Int, let width: Int> {
    /// Adds the products over a part of the depth to the sums, which begin at 0 where the depth does; then the bias.
    @inline(never)
    static func addProducts(_ operands: Operands, _ result: Sums) {
        var sums = InlineArray<rows, InlineArray<width, SIMD16<Float>>>(repeating: InlineArray(repeating: .zero))
        if operands.range.lowerBound > 0 {
            for r in 0..<rows {
                for p in 0..<width { sums[r][p] = load(result.pointer + r &* result.stride + p &* laneCount) }
            }
        }
        accumulate(&sums, operands)
        if let bias = result.bias {
            for p in 0..<width {
                let lanes = load(bias + p &* laneCount)
                for r in 0..<rows { sums[r][p] += lanes }
            }
        }
        for r in 0..<rows {
            for p in 0..<width { store(sums[r][p], result.pointer + r &* result.stride + p &* laneCount) }
        }
    }

    @inline(__always)
    private static func accumulate(
        _ sums: inout InlineArray<rows, InlineArray<width, SIMD16<Float>>>, _ operands: Operands
    ) {
        let range = operands.range
        var values = operands.input + range.lowerBound
        var weights = operands.panels + range.lowerBound &* laneCount
        let stride = operands.depth &* 64
        var line = (width &* operands.depth &+ operands.lookahead.line) &* 64
        for _ in 0..<range.count / Lookahead.step {
            for _ in 0..<operands.lookahead.linesPerStep {
                for p in 0..<width { csimd_prefetch_l2(operands.panels, line &+ p &* stride) }
                line &+= 64
            }
            for i in 0..<Lookahead.step {
                for p in 0..<width { csimd_prefetch(weights, p &* stride &+ (i &+ Lookahead.nearLines) &* 64) }
                step(&sums, values + i, weights + i &* laneCount, operands.depth)
            }
            values += Lookahead.step
            weights += Lookahead.step &* laneCount
        }
        for i in 0..<range.count % Lookahead.step {
            step(&sums, values + i, weights + i &* laneCount, operands.depth)
        }
    }

    @inline(__always)
    private static func step(
        _ sums: inout InlineArray<rows, InlineArray<width, SIMD16<Float>>>, _ values: UnsafePointer<Float>,
        _ weights: UnsafePointer<Float>, _ depth: Int
    ) {
        var lanes = InlineArray<width, SIMD16<Float>>(repeating: .zero)
        for p in 0..<width { lanes[p] = load(weights + p &* depth &* laneCount) }
        for r in 0..<rows {
            let value = SIMD16(repeating: values[r &* depth])
            for p in 0..<width { sums[r][p] = sums[r][p].addingProduct(lanes[p], value) }
        }
    }
}
