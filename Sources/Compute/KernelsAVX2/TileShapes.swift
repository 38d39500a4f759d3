// The shapes of tiles for AVX2: 16 lanes are two registers, and there are 16 of them.

/// The tile of floats for a block of so many rows. Six rows by one panel fill the registers; with few rows, two panels
/// keep more chains of sums in flight.
@inline(__always)
func floatTileShape(rows: Int) -> (rows: Int, panels: Int) { rows <= 3 ? (3, 2) : (6, 1) }

/// Rows of a quantized tile: as many integers and sums, of two registers each, fit the registers but for some.
let quantizedTileRows = 4

/// Two rows by one vector of keys, or by two of values: as much as 16 registers hold.
typealias AttentionTile = RowTile<2, 2>

/// What the machine's peaks are measured with: of floats, and of bytes, whose weights take registers too.
typealias PeakChains = Chains<6>
typealias DotChains = Chains<3>
