// What every processor has. Where there is no fused multiply-add, `addingProduct` calls the C library's fmaf for each
// lane: exact, and slow.

/// The tile for a block of so many rows.
@inline(__always)
func tileShape(rows: Int) -> (rows: Int, panels: Int) { (2, 1) }

extension Product {
    @inline(__always)
    func tile(rows: Int, panels: Int, _ place: Place) {
        switch rows {
        case 1: tile(Tile<1, 1>.self, place)
        default: tile(Tile<2, 1>.self, place)
        }
    }
}

/// Sixteen values of half precision at any address.
@inline(__always)
func loadF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> {
    let halves = loadWords(pointer)
    let magnitude = halves & SIMD16(repeating: 0x7FFF)
    // Ten bits of fraction under an exponent whose bias is 15, put under one of 127: subnormal numbers come right too.
    let scale = SIMD16<Float>(repeating: 0x1p112)
    let finite = unsafeBitCast(magnitude &<< SIMD16(repeating: 13), to: SIMD16<Float>.self) * scale
    // Infinity and NaN, from 7C00 on: the greatest exponent.
    let special = SIMD16<Int32>(repeating: 0x7BFF) &- unsafeBitCast(magnitude, to: SIMD16<Int32>.self)
    let exponent = unsafeBitCast(special &>> SIMD16(repeating: 31), to: SIMD16<UInt32>.self)
    let sign = (halves & SIMD16(repeating: 0x8000)) &<< SIMD16(repeating: 16)
    let bits = unsafeBitCast(finite, to: SIMD16<UInt32>.self) | (exponent & SIMD16(repeating: 0x7F80_0000)) | sign
    return unsafeBitCast(bits, to: SIMD16<Float>.self)
}

/// Sixteen values of bfloat16, the upper halves of floats, at any address.
@inline(__always)
func loadBF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> {
    unsafeBitCast(loadWords(pointer) &<< SIMD16(repeating: 16), to: SIMD16<Float>.self)
}

/// Sixteen words of 16 bits at any address.
@inline(__always)
private func loadWords(_ pointer: UnsafeRawPointer) -> SIMD16<UInt32> {
    var words = SIMD16<UInt32>.zero
    for i in 0..<laneCount { words[i] = UInt32(pointer.loadUnaligned(fromByteOffset: 2 &* i, as: UInt16.self)) }
    return words
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
