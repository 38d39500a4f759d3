// The shapes of tiles for AVX-512: 16 lanes are one register, of which there are 32.

/// The shape of float tiles for a block of so many rows: 8 × 3 sums, 3 weights and an input fit the registers. A single
/// row is limited by memory and takes one panel at a time, because memory is fastest for a single stream.
@inline(__always)
func floatTileShape(rows: Int) -> (rows: Int, panels: Int) { rows == 1 ? (1, 1) : (8, 3) }

/// The rows of a quantized tile: its integers and nearly as many sums fit the registers.
let quantizedTileRows = 16

/// Four rows by one vector of keys, or by four of values: sums, partial sums of the tree and operands fit the
/// registers.
typealias AttentionTile = RowTile<4, 4>

/// The chains that measure the machine's peaks: of floats, and of bytes, whose weights take registers as well.
typealias PeakChains = Chains<24>
typealias DotChains = Chains<12>
