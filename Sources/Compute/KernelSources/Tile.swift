import CSIMD

/// The operands of a tile: rows of the input [rows][depth] and panels, `panelStride` bytes apart.
struct Operands {
    let input: UnsafePointer<Float>
    /// Floats from one row of the input to the next.
    let inputStride: Int
    /// Weights of the first panel at the start of `range`.
    let weights: UnsafeRawPointer
    let panelStride: Int
    /// The part of the depth to process.
    let range: Range<Int>
    let lookahead: Lookahead
}

/// Where a tile's sums are stored, row after row, and the bias to add at the end.
struct Sums {
    let pointer: UnsafeMutablePointer<Float>
    let stride: Int
    let bias: UnsafePointer<Float>?

    /// Calls `body` with a scratch copy that is `width` columns wide, of which these sums are the first `columns`, and
    /// copies the result back.
    @inline(never)
    func withScratch(rows: Int, columns: Int, width: Int, _ body: (Sums) -> Void) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: (rows &+ 1) &* width) { scratch in
            let start = scratch.baseAddress!
            start.update(repeating: 0, count: (rows &+ 1) &* width)
            for row in 0..<rows { (start + row &* width).update(from: pointer + row &* stride, count: columns) }
            let last = start + rows &* width
            if let bias { last.update(from: bias, count: columns) }
            body(Sums(pointer: start, stride: width, bias: bias.map { _ in UnsafePointer(last) }))
            for row in 0..<rows { (pointer + row &* stride).update(from: start + row &* width, count: columns) }
        }
    }
}

/// Sums of `rows` input rows by `width` panels, kept in registers.
enum Tile<Element: StoredElement, let rows: Int, let width: Int> {
    /// Adds the products over a part of the depth to the sums, which start from 0 at depth 0; adds the bias at the end.
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
        let count = operands.range.count
        var values = operands.input + operands.range.lowerBound
        var weights = operands.weights
        let stride = operands.panelStride
        var lookahead = operands.lookahead
        for _ in 0..<count / stepDepth {
            lookahead.fetch(panels: width)
            if width > 1 {
                for line in 0..<stepDepth &* lineBytes / 64 {
                    for p in 0..<width { csimd_prefetch(weights, p &* stride &+ (line &+ nearLines) &* 64) }
                }
            }
            for i in 0..<stepDepth {
                // A single panel is a single stream, which hardware prefetches best when its lines are read in order.
                if width == 1 { csimd_keep_order() }
                step(&sums, values + i, operands.inputStride, weights + i &* lineBytes, stride)
            }
            values += stepDepth
            weights += stepDepth &* lineBytes
        }
        for i in 0..<count % stepDepth {
            step(&sums, values + i, operands.inputStride, weights + i &* lineBytes, stride)
        }
    }

    @inline(__always)
    private static func step(
        _ sums: inout InlineArray<rows, InlineArray<width, SIMD16<Float>>>, _ values: UnsafePointer<Float>,
        _ inputStride: Int, _ weights: UnsafeRawPointer, _ panelStride: Int
    ) {
        var lanes = InlineArray<width, SIMD16<Float>>(repeating: .zero)
        for p in 0..<width { lanes[p] = Element.load16(weights + p &* panelStride) }
        for r in 0..<rows {
            let value = SIMD16(repeating: values[r &* inputStride])
            for p in 0..<width { sums[r][p] = sums[r][p].addingProduct(lanes[p], value) }
        }
    }

    /// Bytes of 16 weights.
    private static var lineBytes: Int { laneCount &* Element.byteCount }
    /// How many lines ahead a tile prefetches its own panels into the first-level cache.
    private static var nearLines: Int { 32 }
}

/// The depth that a tile processes between two prefetches.
let stepDepth = 4
