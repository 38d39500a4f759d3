// The tiles of every processor.

/// The tile of floats for a block of so many rows.
@inline(__always)
func floatTileShape(rows: Int) -> (rows: Int, panels: Int) { (2, 1) }

/// Rows of a quantized tile.
let quantizedTileRows = 2

/// So many rows share a vector of keys, or of values.
typealias AttentionTile = RowTile<2, 1>

extension Product {
    @inline(__always)
    func floatTile<Weight: StoredElement>(rows: Int, panels: Int, _: Weight.Type, _ place: Place) {
        switch (panels, rows) {
        case (_, 1): run(Tile<Weight, 1, 1>.self, place)
        default: run(Tile<Weight, 2, 1>.self, place)
        }
    }
}

extension QuantizedProduct {
    @inline(__always)
    func quantizedTile(rows: Int, _ place: Place) {
        switch rows {
        case 1: run(QuantizedTile<Weights, 1, 1>.self, rows, place)
        default: run(QuantizedTile<Weights, 2, 1>.self, rows, place)
        }
    }
}

/// What the machine's peaks are measured with: of floats, and of bytes, whose weights take registers too.
typealias PeakChains = Chains<4>
typealias DotChains = Chains<2>
