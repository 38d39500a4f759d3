// The shapes of tiles for every processor.

/// The tile of floats for a block of so many rows.
@inline(__always)
func floatTileShape(rows: Int) -> (rows: Int, panels: Int) { (2, 1) }

/// Rows of a quantized tile.
let quantizedTileRows = 2

/// So many rows share a vector of keys, or of values.
typealias AttentionTile = RowTile<2, 1>

/// What the machine's peaks are measured with: of floats, and of bytes, whose weights take registers too.
typealias PeakChains = Chains<4>
typealias DotChains = Chains<2>
