/// A matrix product computed tile by tile; each output is one chain over all of the depth.
protocol TiledProduct {
    /// The depth in units at which it may be split: single values or groups.
    var units: Int { get }
    /// The shape of tiles for a block of so many rows.
    func tileShape(rows: Int) -> (rows: Int, panels: Int)
    /// The packed weights of panels from `panel` on, in the units `range`.
    func packed(panel: Int, _ range: Range<Int>) -> PanelPart
    /// The same in the form that many tiles read fastest; valid until the next call.
    func spread(panel: Int, panels: Int, _ range: Range<Int>) -> PanelPart
    /// How many times a tile can prefetch over so many units.
    static func lookaheadSteps(units: Int) -> Int
    /// Computes the outputs of a tile at `place`.
    func tile(rows: Int, panels: Int, _ place: Place)
}

/// If more tiles than this use the same narrow weights, widening them once is faster than widening them in every tile.
let tilesWorthSpreading = 4

/// A part of the depth of neighbouring panels.
struct PanelPart {
    let start: UnsafeRawPointer
    /// Bytes from one panel to the next.
    let stride: Int
    /// Lines of 64 bytes in one panel.
    let lines: Int
    var isSpread = false
}

/// Where a tile starts, and its weights.
struct Place {
    let row: Int
    let panel: Int
    let range: Range<Int>
    let weights: PanelPart
    let lookahead: Lookahead
}

extension TiledProduct {
    @inline(__always)
    func spread(panel: Int, panels: Int, _ range: Range<Int>) -> PanelPart { packed(panel: panel, range) }

    /// Computes the outputs of all rows for the panels `panelRange`.
    ///
    /// If several tiles share the weights, depth is split into blocks of at most `unitsPerBlock`: what a block reads of
    /// the input stays in the second-level cache, with the weights of the current and the next group of panels. At the
    /// end of a block the sums are stored unrounded and later resumed.
    @inline(__always)
    func multiply(rows: Int, _ panelRange: Range<Int>, unitsPerBlock: Int) {
        let shape = tileShape(rows: rows)
        let tiles = (rows &+ shape.rows &- 1) / shape.rows
        // A single tile uses each weight once, so splitting the depth gains nothing.
        let blocks = tiles == 1 ? 1 : (units &+ unitsPerBlock &- 1) / unitsPerBlock
        for block in 0..<blocks {
            let range = part(block, of: blocks)
            var panel = panelRange.lowerBound
            while panel < panelRange.upperBound {
                let width = panel &+ shape.panels <= panelRange.upperBound ? shape.panels : 1
                let isLast = panel &+ width == panelRange.upperBound
                if tiles == 1 {
                    let weights = packed(panel: panel, range)
                    tile(
                        rows: rows, panels: width,
                        Place(row: 0, panel: panel, range: range, weights: weights, lookahead: .none(weights.start)))
                } else {
                    let following = block &+ 1 < blocks ? part(block &+ 1, of: blocks) : nil
                    let next =
                        isLast
                        ? following.map { packed(panel: panelRange.lowerBound, $0) }
                        : packed(panel: panel &+ width, range)
                    passTiles(rows: rows, panel: panel, panels: width, range, tiles: tiles, next: next)
                }
                panel &+= width
            }
        }
    }

    @inline(__always)
    private func part(_ block: Int, of blocks: Int) -> Range<Int> {
        units &* block / blocks..<units &* (block &+ 1) / blocks
    }

    /// Computes all rows for one group of panels, in tiles of the variant's size or, where that does not divide, of
    /// nearly equal numbers of rows, while prefetching the `next` group.
    @inline(__always)
    private func passTiles(
        rows: Int, panel: Int, panels: Int, _ range: Range<Int>, tiles: Int, next: PanelPart?
    ) {
        let weights = spread(panel: panel, panels: panels, range)
        let plan = LookaheadPlan(
            start: next?.start ?? weights.start, panelStride: next?.stride ?? 0, lines: next?.lines ?? 0, tiles: tiles,
            steps: max(1, Self.lookaheadSteps(units: range.count)))
        var row = 0
        for index in 0..<tiles {
            let count = (rows &- row &+ tiles &- index &- 1) / (tiles &- index)
            tile(
                rows: count, panels: panels,
                Place(row: row, panel: panel, range: range, weights: weights, lookahead: plan.share(of: index)))
            row &+= count
        }
    }
}

/// Where the outputs of a product are stored, and the bias to add.
struct Outputs {
    let pointer: UnsafeMutablePointer<Float>
    let columns: Int
    let bias: UnsafePointer<Float>?

    /// Calls `body` with the sums of a tile; where the tile extends past the last column they are in a scratch buffer.
    @inline(__always)
    func withSums(
        row: Int, panel: Int, rows: Int, panels: Int, isLast: Bool, _ body: (Sums) -> Void
    ) {
        let column = panel &* laneCount
        let sums = Sums(
            pointer: pointer + row &* columns + column, stride: columns, bias: isLast ? bias.map { $0 + column } : nil)
        if column &+ panels &* laneCount <= columns {
            body(sums)
        } else {
            sums.withScratch(rows: rows, columns: columns &- column, width: panels &* laneCount, body)
        }
    }
}
