import CSIMD

// What is AVX-512's own: 16 lanes are one register, and there are 32 of them.

/// The tile for a block of so many rows: 8 × 3 sums, 3 weights and an input fit the registers.
@inline(__always)
func tileShape(rows: Int) -> (rows: Int, panels: Int) { (8, 3) }

extension Product {
    @inline(__always)
    func tile(rows: Int, panels: Int, _ place: Place) {
        switch (panels, rows) {
        case (1, 1): tile(Tile<1, 1>.self, place)
        case (1, 2): tile(Tile<2, 1>.self, place)
        case (1, 3): tile(Tile<3, 1>.self, place)
        case (1, 4): tile(Tile<4, 1>.self, place)
        case (1, 5): tile(Tile<5, 1>.self, place)
        case (1, 6): tile(Tile<6, 1>.self, place)
        case (1, 7): tile(Tile<7, 1>.self, place)
        case (1, _): tile(Tile<8, 1>.self, place)
        case (_, 1): tile(Tile<1, 3>.self, place)
        case (_, 2): tile(Tile<2, 3>.self, place)
        case (_, 3): tile(Tile<3, 3>.self, place)
        case (_, 4): tile(Tile<4, 3>.self, place)
        case (_, 5): tile(Tile<5, 3>.self, place)
        case (_, 6): tile(Tile<6, 3>.self, place)
        case (_, 7): tile(Tile<7, 3>.self, place)
        default: tile(Tile<8, 3>.self, place)
        }
    }
}

/// Four rows by one vector of keys, or by four of values: sums, partial sums of the tree and operands fit the registers.
typealias AttentionTile = RowTile<4, 4>

/// Sixteen values of half precision at any address.
@inline(__always)
func loadF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> { csimd_f32_from_f16x16(pointer) }

/// Stores sixteen values rounded to half precision, to nearest even, at any address. Beyond its range they become
/// infinite; NaN stays NaN.
@inline(__always)
func storeF16(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer) {
    pointer.storeBytes(of: csimd_f16_from_f32x16(lanes), as: SIMD4<Int64>.self)
}

/// Sixteen values of bfloat16 at any address.
@inline(__always)
func loadBF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> { csimd_f32_from_bf16x16(pointer) }

/// The first `count` (1 to 15) values in the lowest lanes, zero in the others.
@inline(__always)
func loadTail(_ pointer: UnsafePointer<Float>, _ count: Int) -> SIMD16<Float> {
    csimd_load_f32x16(pointer, (1 &<< UInt16(truncatingIfNeeded: count)) &- 1)
}

/// Stores the lowest `count` (1 to 15) lanes.
@inline(__always)
func storeTail(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
    csimd_store_f32x16(pointer, (1 &<< UInt16(truncatingIfNeeded: count)) &- 1, lanes)
}
