import CSIMD

// Instructions of AVX2: 16 lanes are two registers, of which there are 16.

/// Reads 64 bytes so that the prefetcher sees the access; the value is not used.
@inline(__always)
func readLine(_ pointer: UnsafeRawPointer) { csimd_read_line(pointer) }

/// Sixteen values of half precision at any address.
@inline(__always)
func loadF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> {
    SIMD16(lowHalf: csimd_f32_from_f16x8(pointer), highHalf: csimd_f32_from_f16x8(pointer + 16))
}

/// Thirty-two values of half precision at any address.
@inline(__always)
func loadLineOfF16(_ pointer: UnsafeRawPointer) -> (SIMD16<Float>, SIMD16<Float>) {
    (loadF16(pointer), loadF16(pointer + 32))
}

/// Stores sixteen values in half precision at any address, rounded to the nearest, ties to even.
@inline(__always)
func storeF16(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer) {
    pointer.storeBytes(of: csimd_f16_from_f32x8(lanes.lowHalf), as: SIMD2<Int64>.self)
    pointer.storeBytes(of: csimd_f16_from_f32x8(lanes.highHalf), toByteOffset: 16, as: SIMD2<Int64>.self)
}

/// Sixteen values of bfloat16 at any address.
@inline(__always)
func loadBF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> {
    SIMD16(lowHalf: csimd_f32_from_bf16x8(pointer), highHalf: csimd_f32_from_bf16x8(pointer + 16))
}

/// The first `count` (1 to 15) values in the lowest lanes; zero in the others.
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

/// Integers as floats.
@inline(__always)
func floatsOf(_ lanes: SIMD16<Int32>) -> SIMD16<Float> {
    SIMD16(
        lowHalf: csimd_f32_from_i32x8(unsafeBitCast(lanes.lowHalf, to: SIMD4<Int64>.self)),
        highHalf: csimd_f32_from_i32x8(unsafeBitCast(lanes.highHalf, to: SIMD4<Int64>.self)))
}

/// Stores integers from -128 to 127 as bytes.
@inline(__always)
func storeBytes(_ lanes: SIMD16<Int32>, _ pointer: UnsafeMutablePointer<Int8>) {
    let bytes = csimd_i8_from_i32x16(
        unsafeBitCast(lanes.lowHalf, to: SIMD4<Int64>.self), unsafeBitCast(lanes.highHalf, to: SIMD4<Int64>.self))
    UnsafeMutableRawPointer(pointer).storeBytes(of: bytes, as: SIMD2<Int64>.self)
}

/// Four values of depth by 16 columns of signed bytes, in the form in which they are multiplied: magnitudes, because
/// the instruction takes one unsigned factor; the activations take over the weights' signs.
struct SignedLanes {
    static var isBiased: Bool { false }
    let low: SIMD4<Int64>
    let high: SIMD4<Int64>
    let lowMagnitudes: SIMD4<Int64>
    let highMagnitudes: SIMD4<Int64>

    @inline(__always)
    init(biased: SIMD64<UInt8>) {
        let (lowBiased, highBiased) = halves(biased)
        let signs = SIMD4<Int64>(repeating: Int64(bitPattern: 0x8080_8080_8080_8080))
        (low, high) = (lowBiased ^ signs, highBiased ^ signs)
        (lowMagnitudes, highMagnitudes) = (csimd_abs_s8x32(low), csimd_abs_s8x32(high))
    }

    /// Two products of at most 127² fit 16 bits.
    @inline(__always)
    func dot(_ sums: SIMD16<Int32>, _ activations: Int32) -> SIMD16<Int32> {
        let four = unsafeBitCast(SIMD8<Int32>(repeating: activations), to: SIMD4<Int64>.self)
        let lowPairs = csimd_maddubs_x32(lowMagnitudes, csimd_sign_s8x32(four, low))
        let highPairs = csimd_maddubs_x32(highMagnitudes, csimd_sign_s8x32(four, high))
        return sums &+ sumsOfPairs(lowPairs, highPairs)
    }
}

/// Adds to each column's sum its four products of unsigned bytes up to 15 with four signed ones.
@inline(__always)
func dotOfSmall(_ sums: SIMD16<Int32>, _ weights: SIMD64<UInt8>, _ activations: Int32) -> SIMD16<Int32> {
    let four = unsafeBitCast(SIMD8<Int32>(repeating: activations), to: SIMD4<Int64>.self)
    let (low, high) = halves(weights)
    return sums
        &+ sumsOfPairs(csimd_maddubs_x32(low, four), csimd_maddubs_x32(high, four))
}

/// The two registers of 64 bytes, as 64-bit words: the library's operations on SIMD64 are loops over single bytes.
@inline(__always)
private func halves(_ bytes: SIMD64<UInt8>) -> (low: SIMD4<Int64>, high: SIMD4<Int64>) {
    let words = unsafeBitCast(bytes, to: SIMD8<Int64>.self)
    return (words.lowHalf, words.highHalf)
}

@inline(__always)
private func sumsOfPairs(_ low: SIMD4<Int64>, _ high: SIMD4<Int64>) -> SIMD16<Int32> {
    let ones = unsafeBitCast(SIMD16<Int16>(repeating: 1), to: SIMD4<Int64>.self)
    return SIMD16(
        lowHalf: unsafeBitCast(csimd_madd_x16(low, ones), to: SIMD8<Int32>.self),
        highHalf: unsafeBitCast(csimd_madd_x16(high, ones), to: SIMD8<Int32>.self))
}
