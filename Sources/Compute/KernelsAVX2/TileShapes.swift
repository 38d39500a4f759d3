// The shapes of tiles for AVX2: 16 lanes are two registers, of which there are 16.

/// The shape of float tiles for a block of so many rows. Six rows by one panel fill the registers; for few rows, two
/// panels keep more independent sums in flight.
@inline(__always)
func floatTileShape(rows: Int) -> (rows: Int, panels: Int) { rows <= 3 ? (3, 2) : (6, 1) }

/// The rows of a quantized tile: its integers and sums, two registers each, nearly fill the registers.
let quantizedTileRows = 4

/// Two rows by one vector of keys, or by two of values, fill the 16 registers.
typealias AttentionTile = RowTile<2, 2>

/// The chains that measure the machine's peaks: of floats, and of bytes, whose weights take registers as well.
typealias PeakChains = Chains<6>
typealias DotChains = Chains<3>
