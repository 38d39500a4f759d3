import CSIMD

// What is AVX2's own: 16 lanes are two registers, and there are 16 of them.

/// The tile for a block of so many rows. Six rows by one panel fill the registers; with few rows, two panels keep more
/// chains of sums in flight.
@inline(__always)
func tileShape(rows: Int) -> (rows: Int, panels: Int) { rows <= 3 ? (3, 2) : (6, 1) }

extension Product {
    @inline(__always)
    func tile(rows: Int, panels: Int, _ place: Place) {
        switch (panels, rows) {
        case (1, 1): tile(Tile<1, 1>.self, place)
        case (1, 2): tile(Tile<2, 1>.self, place)
        case (1, 3): tile(Tile<3, 1>.self, place)
        case (1, 4): tile(Tile<4, 1>.self, place)
        case (1, 5): tile(Tile<5, 1>.self, place)
        case (1, _): tile(Tile<6, 1>.self, place)
        case (_, 1): tile(Tile<1, 2>.self, place)
        case (_, 2): tile(Tile<2, 2>.self, place)
        default: tile(Tile<3, 2>.self, place)
        }
    }
}

/// Two rows by one vector of keys, or by two of values: as much as 16 registers hold.
typealias AttentionTile = RowTile<2, 2>

/// Sixteen values of half precision at any address.
@inline(__always)
func loadF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> {
    SIMD16(lowHalf: csimd_f32_from_f16x8(pointer), highHalf: csimd_f32_from_f16x8(pointer + 16))
}

/// Stores sixteen values rounded to half precision, to nearest even, at any address. Beyond its range they become
/// infinite; NaN stays NaN.
@inline(__always)
func storeF16(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer) {
    pointer.storeBytes(of: csimd_f16_from_f32x8(lanes.lowHalf), as: SIMD2<Int64>.self)
    (pointer + 16).storeBytes(of: csimd_f16_from_f32x8(lanes.highHalf), as: SIMD2<Int64>.self)
}

/// Sixteen values of bfloat16 at any address.
@inline(__always)
func loadBF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> {
    SIMD16(lowHalf: csimd_f32_from_bf16x8(pointer), highHalf: csimd_f32_from_bf16x8(pointer + 16))
}

/// The first `count` (1 to 15) values in the lowest lanes, zero in the others.
@inline(__always)
func loadTail(_ pointer: UnsafePointer<Float>, _ count: Int) -> SIMD16<Float> {
    var lanes = SIMD16<Float>.zero
    for i in 0..<count { lanes[i] = pointer[i] }
    return lanes
}

/// Stores the lowest `count` (1 to 15) lanes.
@inline(__always)
func storeTail(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count { pointer[i] = lanes[i] }
}
