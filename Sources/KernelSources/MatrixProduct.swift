// Matrix products on weights in panels: 16 output columns with all of the depth k, [columns / 16][k][16].
//
// Each output is one chain of fused multiply-adds over ascending k from 0, whatever the tile, and the bias is added
// last, so that an output has the same bits in every batch, on any number of threads and with any instruction set.

/// Many rows are taken in blocks of at most so many rows and so much depth: what a block reads of the input stays in the
/// second-level cache, with the weights of this group of panels and of the next. At the end of a block of depth the sums
/// are put by, and taken up again, unrounded.
private let rowsPerBlock = 128
private let depthPerBlock = 1700

extension Variant {
    /// Output columns `panelRange` × 16 of `input` [rows, depth] × the packed weights + bias, into `output`
    /// [rows, columns].
    ///
    /// A row of the input that has a value that is not finite gives NaN in all its outputs.
    @inline(never)
    public static func matrixProduct(
        _ input: UnsafePointer<Float>, rows: Int, depth: Int, panels: UnsafePointer<Float>, panelRange: Range<Int>,
        bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>, columns: Int
    ) {
        let blocks = (rows &+ rowsPerBlock &- 1) / rowsPerBlock
        for block in 0..<blocks {
            let row = rows &* block / blocks
            let product = Product(
                input: input + row &* depth, depth: depth, panels: panels, bias: bias, output: output + row &* columns,
                columns: columns)
            product.multiply(rows: rows &* (block &+ 1) / blocks &- row, panelRange)
        }
        poisonRows(input, rows: rows, depth: depth, panelRange: panelRange, output, columns: columns)
    }

    /// So many neighbouring panels are what a product with so many rows takes at a time.
    public static func panelsAtATime(rows: Int) -> Int { tileShape(rows: rows).panels }

    /// Makes the outputs of rows with an infinity NaN too; those with NaN are so already.
    @inline(__always)
    private static func poisonRows(
        _ input: UnsafePointer<Float>, rows: Int, depth: Int, panelRange: Range<Int>,
        _ output: UnsafeMutablePointer<Float>, columns: Int
    ) {
        let first = panelRange.lowerBound &* laneCount
        let end = min(columns, panelRange.upperBound &* laneCount)
        // No sum with an infinity in it is finite, so a row with a finite output needs no second look.
        for row in 0..<rows where !output[row &* columns &+ first].isFinite {
            if !isFinite(input + row &* depth, count: depth) {
                (output + row &* columns + first).update(repeating: .nan, count: end &- first)
            }
        }
    }
}

/// Some rows of a product.
struct Product {
    let input: UnsafePointer<Float>
    let depth: Int
    let panels: UnsafePointer<Float>
    let bias: UnsafePointer<Float>?
    let output: UnsafeMutablePointer<Float>
    let columns: Int

    @inline(__always)
    func multiply(rows: Int, _ panelRange: Range<Int>) {
        let shape = tileShape(rows: rows)
        let tiles = (rows &+ shape.rows &- 1) / shape.rows
        // A single tile uses each weight once, so nothing is gained by coming back to it.
        let blocks = tiles == 1 ? 1 : (depth &+ depthPerBlock &- 1) / depthPerBlock
        for block in 0..<blocks {
            let range = depth &* block / blocks..<depth &* (block &+ 1) / blocks
            var panel = panelRange.lowerBound
            while panel < panelRange.upperBound {
                let width = panel &+ shape.panels <= panelRange.upperBound ? shape.panels : 1
                let isLast = panel &+ width == panelRange.upperBound
                passTiles(tiles, rows: rows, panel: panel, panels: width, range, prefetches: tiles > 1 && !isLast)
                panel &+= width
            }
        }
    }

    /// All rows pass one group of panels, in tiles of the variant's size or, where that does not divide, of nearly as
    /// many rows each.
    @inline(__always)
    private func passTiles(
        _ tiles: Int, rows: Int, panel: Int, panels: Int, _ range: Range<Int>, prefetches: Bool
    ) {
        let linesPerStep = (Lookahead.step &+ tiles &- 1) / tiles
        var lookahead = Lookahead(line: range.lowerBound, linesPerStep: prefetches ? linesPerStep : 0)
        var row = 0
        for index in 0..<tiles {
            let count = (rows &- row &+ tiles &- index &- 1) / (tiles &- index)
            tile(rows: count, panels: panels, Place(row: row, panel: panel, range: range, lookahead: lookahead))
            row &+= count
            lookahead.line &+= range.count / Lookahead.step &* linesPerStep
            if lookahead.line >= range.upperBound { lookahead.linesPerStep = 0 }
        }
    }

    /// Hands a tile of this shape what it needs.
    @inline(__always)
    func tile<let rows: Int, let width: Int>(_ type: Tile<rows, width>.Type, _ place: Place) {
        let column = place.panel &* laneCount
        let operands = Operands(
            input: input + place.row &* depth, panels: panels + place.panel &* depth &* laneCount, depth: depth,
            range: place.range, lookahead: place.lookahead)
        let sums = Sums(
            pointer: output + place.row &* columns + column, stride: columns,
            bias: place.range.upperBound == depth ? bias.map { $0 + column } : nil)
        if column &+ width &* laneCount <= columns {
            type.addProducts(operands, sums)
        } else {
            sums.withRoom(rows: rows, columns: columns &- column, width: width &* laneCount) {
                type.addProducts(operands, $0)
            }
        }
    }
}

/// Where a tile begins, the depth it takes, and the weights it asks for ahead of the next group of panels.
struct Place {
    let row: Int
    let panel: Int
    let range: Range<Int>
    let lookahead: Lookahead
}

/// The lines of the next group of panels, one for each k, that a tile fetches into the second-level cache meanwhile:
/// else the first tile to meet a weight would wait for memory, and the others leave the memory idle.
struct Lookahead {
    /// The depth between two fetches.
    static var step: Int { 4 }
    /// Lines ahead that a tile fetches of its own panels into the first-level cache.
    static var nearLines: Int { 32 }

    var line: Int
    var linesPerStep: Int
}
