// The shapes of tiles for any processor.

/// The shape of float tiles for a block of so many rows.
@inline(__always)
func floatTileShape(rows: Int) -> (rows: Int, panels: Int) { (2, 1) }

/// The rows of a quantized tile.
let quantizedTileRows = 2

/// Two rows share each vector of keys or of values.
typealias AttentionTile = RowTile<2, 1>

/// The chains that measure the machine's peaks: of floats, and of bytes, whose weights take registers as well.
typealias PeakChains = Chains<4>
typealias DotChains = Chains<2>
