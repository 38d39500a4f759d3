import CSIMD

// Instructions of AVX-512: 16 lanes are one register, of which there are 32.

/// Reads 64 bytes so that the prefetcher sees the access; the value is not used.
@inline(__always)
func readLine(_ pointer: UnsafeRawPointer) { csimd_read_line(pointer) }

/// Sixteen values of half precision at any address.
@inline(__always)
func loadF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> { csimd_f32_from_f16x16(pointer) }

/// Thirty-two values of half precision at any address. They are read in one access: prefetching works better for a
/// program that reads whole lines than for one that reads them in halves.
@inline(__always)
func loadLineOfF16(_ pointer: UnsafeRawPointer) -> (SIMD16<Float>, SIMD16<Float>) {
    let line = csimd_line(pointer)
    return (csimd_f32_from_low_f16x16(line), csimd_f32_from_high_f16x16(line))
}

/// Stores sixteen values in half precision at any address, rounded to the nearest, ties to even.
@inline(__always)
func storeF16(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer) {
    pointer.storeBytes(of: csimd_f16_from_f32x16(lanes), as: SIMD4<Int64>.self)
}

/// Sixteen values of bfloat16 at any address.
@inline(__always)
func loadBF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> { csimd_f32_from_bf16x16(pointer) }

/// The first `count` (1 to 15) values in the lowest lanes; zero in the others.
@inline(__always)
func loadTail(_ pointer: UnsafePointer<Float>, _ count: Int) -> SIMD16<Float> {
    csimd_load_f32x16(pointer, (1 &<< UInt16(truncatingIfNeeded: count)) &- 1)
}

/// Stores the lowest `count` (1 to 15) lanes.
@inline(__always)
func storeTail(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
    csimd_store_f32x16(pointer, (1 &<< UInt16(truncatingIfNeeded: count)) &- 1, lanes)
}

/// Integers as floats.
@inline(__always)
func floatsOf(_ lanes: SIMD16<Int32>) -> SIMD16<Float> {
    csimd_f32_from_i32x16(unsafeBitCast(lanes, to: SIMD8<Int64>.self))
}

/// Stores integers from -128 to 127 as bytes.
@inline(__always)
func storeBytes(_ lanes: SIMD16<Int32>, _ pointer: UnsafeMutablePointer<Int8>) {
    let bytes = csimd_i8_from_i32_x16(unsafeBitCast(lanes, to: SIMD8<Int64>.self))
    UnsafeMutableRawPointer(pointer).storeBytes(of: bytes, as: SIMD2<Int64>.self)
}

/// Four values of depth by 16 columns of signed bytes, in the form in which they are multiplied: biased by 128.
struct SignedLanes {
    static var isBiased: Bool { true }
    let biased: SIMD64<UInt8>

    @inline(__always)
    init(biased: SIMD64<UInt8>) { self.biased = biased }

    @inline(__always)
    func dot(_ sums: SIMD16<Int32>, _ activations: Int32) -> SIMD16<Int32> { dotOfSmall(sums, biased, activations) }
}

/// Adds to each column's sum its four products of unsigned bytes with four signed ones.
@inline(__always)
func dotOfSmall(_ sums: SIMD16<Int32>, _ weights: SIMD64<UInt8>, _ activations: Int32) -> SIMD16<Int32> {
    let result = csimd_dot_u8s8_x64(
        unsafeBitCast(sums, to: SIMD8<Int64>.self), unsafeBitCast(weights, to: SIMD8<Int64>.self),
        unsafeBitCast(SIMD16<Int32>(repeating: activations), to: SIMD8<Int64>.self))
    return unsafeBitCast(result, to: SIMD16<Int32>.self)
}
