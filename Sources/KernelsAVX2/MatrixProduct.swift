// Matrix products on weights in panels: 16 output columns with all of the depth k, [columns / 16][k][16].
//
// Each output is one chain of fused multiply-adds over ascending k from 0, whatever the tile, and the bias is added
// last, so that an output has the same bits in every batch and on any number of threads.

/// So many input rows stay in the second-level cache while the panels pass by.
private let rowsPerBlock = 96
/// With more accumulators than 6 rows × 1 panel or 3 rows × 2 panels need, the 16 vector registers spill.
private let rowsPerTile = 6
private let rowsPerWideTile = 3

/// Output columns `panelRange` × 16 of `input` [rows, depth] × the packed weights + bias, into `output` [rows, columns].
///
/// A row of the input that has a value that is not finite gives NaN in all its outputs.
@inline(never)
public func matrixProduct(
    _ input: UnsafePointer<Float>, rows: Int, depth: Int, panels: UnsafePointer<Float>, panelRange: Range<Int>,
    bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>, columns: Int
) {
    var block = 0
    while block < rows {
        let count = min(rowsPerBlock, rows &- block)
        let product = Product(
            input: input + block &* depth, depth: depth, panels: panels, bias: bias,
            output: output + block &* columns, columns: columns)
        if count <= rowsPerWideTile {
            product.fewRows(count, panelRange)
        } else {
            product.manyRows(count, panelRange)
        }
        block &+= count
    }
    poisonRows(input, rows: rows, depth: depth, panelRange: panelRange, output, columns: columns)
}

/// Makes the outputs of rows with an infinity NaN too; those with NaN are so already.
@inline(__always)
private func poisonRows(
    _ input: UnsafePointer<Float>, rows: Int, depth: Int, panelRange: Range<Int>,
    _ output: UnsafeMutablePointer<Float>, columns: Int
) {
    for row in 0..<rows where !isFinite(input + row &* depth, count: depth) {
        let first = panelRange.lowerBound &* laneCount
        let end = min(columns, panelRange.upperBound &* laneCount)
        (output + row &* columns + first).update(repeating: .nan, count: end &- first)
    }
}

/// Some rows of a product.
private struct Product {
    let input: UnsafePointer<Float>
    let depth: Int
    let panels: UnsafePointer<Float>
    let bias: UnsafePointer<Float>?
    let output: UnsafeMutablePointer<Float>
    let columns: Int

    /// At most 3 rows: two panels at a time keep enough chains in flight.
    @inline(__always)
    func fewRows(_ rows: Int, _ panelRange: Range<Int>) {
        var panel = panelRange.lowerBound
        while panel &+ 1 < panelRange.upperBound {
            switch rows {
            case 1: tile(Tile<1, 2>.self, row: 0, panel: panel)
            case 2: tile(Tile<2, 2>.self, row: 0, panel: panel)
            default: tile(Tile<3, 2>.self, row: 0, panel: panel)
            }
            panel &+= 2
        }
        if panel < panelRange.upperBound { narrowTile(row: 0, rows: rows, panel: panel) }
    }

    /// Each panel passes tiles of 6 rows or, where that does not divide, of nearly as many each.
    @inline(__always)
    func manyRows(_ rows: Int, _ panelRange: Range<Int>) {
        for panel in panelRange {
            var tiles = (rows &+ rowsPerTile &- 1) / rowsPerTile
            var row = 0
            while tiles > 0 {
                let count = (rows &- row &+ tiles &- 1) / tiles
                narrowTile(row: row, rows: count, panel: panel)
                row &+= count
                tiles &-= 1
            }
        }
    }

    @inline(__always)
    private func narrowTile(row: Int, rows: Int, panel: Int) {
        switch rows {
        case 1: tile(Tile<1, 1>.self, row: row, panel: panel)
        case 2: tile(Tile<2, 1>.self, row: row, panel: panel)
        case 3: tile(Tile<3, 1>.self, row: row, panel: panel)
        case 4: tile(Tile<4, 1>.self, row: row, panel: panel)
        case 5: tile(Tile<5, 1>.self, row: row, panel: panel)
        default: tile(Tile<6, 1>.self, row: row, panel: panel)
        }
    }

    @inline(__always)
    private func tile<let rows: Int, let width: Int>(_ type: Tile<rows, width>.Type, row: Int, panel: Int) {
        var tile = type.init()
        tile.accumulate(input + row &* depth, depth, panels + panel &* depth &* laneCount)
        for p in 0..<width {
            let column = (panel &+ p) &* laneCount
            for r in 0..<rows {
                finish(tile.sums[p][r], output + (row &+ r) &* columns + column, column)
            }
        }
    }

    @inline(__always)
    private func finish(_ sums: SIMD16<Float>, _ destination: UnsafeMutablePointer<Float>, _ column: Int) {
        let count = columns &- column
        if count >= laneCount {
            store(bias.map { sums + load($0 + column) } ?? sums, destination)
        } else {
            storeTail(bias.map { sums + loadTail($0 + column, count) } ?? sums, destination, count)
        }
    }
}

/// Sums of `rows` input rows by `width` panels, all in registers.
private struct Tile<let rows: Int, let width: Int> {
    var sums = InlineArray<width, InlineArray<rows, SIMD16<Float>>>(repeating: InlineArray(repeating: .zero))

    @inline(__always)
    init() {}

    @inline(__always)
    mutating func accumulate(_ input: UnsafePointer<Float>, _ depth: Int, _ panels: UnsafePointer<Float>) {
        for k in 0..<depth {
            for p in 0..<width {
                let weights = load(panels + (p &* depth &+ k) &* laneCount)
                for r in 0..<rows {
                    sums[p][r] = sums[p][r].addingProduct(weights, SIMD16(repeating: input[r &* depth &+ k]))
                }
            }
        }
    }
}
