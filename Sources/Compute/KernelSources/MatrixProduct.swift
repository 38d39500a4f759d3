// Matrix products on weights of floating-point types, in panels of 16 output columns with all of the depth k.
//
// Each output is one chain of fused multiply-adds over ascending k, starting from 0, whatever the tile; the bias is
// added last. So an output has the same bits in every batch, on any number of threads and with any instruction set.

/// Upper bounds of a block's rows and depth; more rows or depth are split into several blocks.
private let rowsPerBlock = 128
private let depthPerBlock = 1700

extension Variant {
    /// Computes output columns `panelRange` × 16 of `input` [rows, depth] × the packed weights + bias, into `output`
    /// [rows, columns].
    ///
    /// An input row with a non-finite value gives NaN in all its outputs.
    @inline(never)
    public static func matrixProduct(
        _ input: UnsafePointer<Float>, rows: Int, depth: Int, panels: UnsafeRawPointer, type: Int32, panelStride: Int,
        panelRange: Range<Int>, bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>, columns: Int
    ) {
        func multiply<Element: StoredElement>(_: Element.Type) {
            let blocks = (rows &+ rowsPerBlock &- 1) / rowsPerBlock
            withSpreadScratch(Element.self, rows: rows, depth: depth) { scratch in
                for block in 0..<blocks {
                    let row = rows &* block / blocks
                    let product = Product<Element>(
                        input: input + row &* depth, depth: depth, panels: panels, panelStride: panelStride,
                        scratch: scratch,
                        outputs: Outputs(pointer: output + row &* columns, columns: columns, bias: bias))
                    product.multiply(
                        rows: rows &* (block &+ 1) / blocks &- row, panelRange, unitsPerBlock: depthPerBlock)
                }
            }
        }
        switch type {
        case TypeCode.f16: multiply(F16.self)
        case TypeCode.bf16: multiply(BF16.self)
        default: multiply(F32.self)
        }
        poisonRows(input, rows: rows, depth: depth, panelRange: panelRange, output, columns: columns)
    }

    /// How many neighbouring panels a product with so many rows processes at a time.
    public static func panelsAtATime(rows: Int, type: Int32) -> Int {
        switch type {
        case TypeCode.int8, TypeCode.int4: 1
        default: floatTileShape(rows: rows).panels
        }
    }

    /// Sets the outputs of rows that contain an infinity to NaN; those of rows with NaN already are.
    @inline(__always)
    private static func poisonRows(
        _ input: UnsafePointer<Float>, rows: Int, depth: Int, panelRange: Range<Int>,
        _ output: UnsafeMutablePointer<Float>, columns: Int
    ) {
        let first = panelRange.lowerBound &* laneCount
        let end = min(columns, panelRange.upperBound &* laneCount)
        // No sum that includes an infinity is finite, so a row with a finite output needs no further check.
        for row in 0..<rows where !output[row &* columns &+ first].isFinite {
            if !isFinite(input + row &* depth, count: depth) {
                (output + row &* columns + first).update(repeating: .nan, count: end &- first)
            }
        }
    }
}

/// Calls `body` with a scratch buffer for the weights that `Product.spread` widens, or with nil where they are f32
/// already or only few tiles use them.
@inline(__always)
private func withSpreadScratch<Element: StoredElement>(
    _: Element.Type, rows: Int, depth: Int, _ body: (UnsafeMutableRawPointer?) -> Void
) {
    let shape = floatTileShape(rows: min(rows, rowsPerBlock))
    guard Element.byteCount < F32.byteCount, rows > tilesWorthSpreading &* shape.rows else { return body(nil) }
    let size = shape.panels &* min(depth, depthPerBlock) &* laneCount &* F32.byteCount
    withUnsafeTemporaryAllocation(byteCount: size, alignment: 64) { body($0.baseAddress) }
}

/// A block of rows of a product.
struct Product<Element: StoredElement>: TiledProduct {
    let input: UnsafePointer<Float>
    let depth: Int
    let panels: UnsafeRawPointer
    let panelStride: Int
    let scratch: UnsafeMutableRawPointer?
    let outputs: Outputs

    var units: Int { depth }
    private static var lineBytes: Int { laneCount &* Element.byteCount }

    @inline(__always)
    func tileShape(rows: Int) -> (rows: Int, panels: Int) { floatTileShape(rows: rows) }

    @inline(__always)
    func packed(panel: Int, _ range: Range<Int>) -> PanelPart {
        PanelPart(
            start: panels + (panel &* panelStride &+ range.lowerBound &* Self.lineBytes), stride: panelStride,
            lines: range.count &* Self.lineBytes / 64)
    }

    /// Widens narrow weights once for all tiles.
    @inline(__always)
    func spread(panel: Int, panels: Int, _ range: Range<Int>) -> PanelPart {
        let source = packed(panel: panel, range)
        guard let scratch else { return source }
        let stride = range.count &* laneCount &* F32.byteCount
        for p in 0..<panels {
            let from = source.start + p &* source.stride
            let to = scratch + p &* stride
            for k in 0..<range.count {
                F32.store16(Element.load16(from + k &* Self.lineBytes), to + k &* laneCount &* F32.byteCount)
            }
        }
        return PanelPart(start: UnsafeRawPointer(scratch), stride: stride, lines: range.count, isSpread: true)
    }

    @inline(__always)
    static func lookaheadSteps(units: Int) -> Int { units / stepDepth }

    @inline(__always)
    func tile(rows: Int, panels: Int, _ place: Place) {
        if Element.self != F32.self && place.weights.isSpread {
            floatTile(rows: rows, panels: panels, F32.self, place)
        } else {
            floatTile(rows: rows, panels: panels, Element.self, place)
        }
    }

    /// Runs a tile of this shape.
    @inline(__always)
    func run<Weight: StoredElement, let rows: Int, let width: Int>(
        _ type: Tile<Weight, rows, width>.Type, _ place: Place
    ) {
        let operands = Operands(
            input: input + place.row &* depth, inputStride: depth, weights: place.weights.start,
            panelStride: place.weights.stride, range: place.range, lookahead: place.lookahead)
        outputs.withSums(
            row: place.row, panel: place.panel, rows: rows, panels: width, isLast: place.range.upperBound == depth
        ) { type.addProducts(operands, $0) }
    }
}
