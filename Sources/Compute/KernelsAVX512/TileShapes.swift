// The shapes of tiles for AVX-512: 16 lanes are one register, and there are 32 of them.

/// The tile of floats for a block of so many rows: 8 × 3 sums, 3 weights and an input fit the registers. A single row,
/// which waits for the weights alone, takes one panel at a time: memory is fastest in a single stream.
@inline(__always)
func floatTileShape(rows: Int) -> (rows: Int, panels: Int) { rows == 1 ? (1, 1) : (8, 3) }

/// Rows of a quantized tile: as many integers and nearly as many sums fit the registers.
let quantizedTileRows = 16

/// Four rows by one vector of keys, or by four of values: sums, partial sums of the tree and operands fit the registers.
typealias AttentionTile = RowTile<4, 4>

/// What the machine's peaks are measured with: of floats, and of bytes, whose weights take registers too.
typealias PeakChains = Chains<24>
typealias DotChains = Chains<12>
