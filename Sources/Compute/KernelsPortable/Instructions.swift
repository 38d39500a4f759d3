// Instructions for any processor. Without a fused multiply-add instruction, `addingProduct` calls the C library's fmaf
// for each lane: exact but slow.

/// Does nothing; other variants read 64 bytes here to help the prefetcher.
@inline(__always)
func readLine(_ pointer: UnsafeRawPointer) {}

/// Sixteen values of half precision at any address.
@inline(__always)
func loadF16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> {
    let halves = loadWords(pointer)
    let magnitude = halves & SIMD16(repeating: 0x7FFF)
    // Puts the ten fraction bits, under an exponent with bias 15, under one with bias 127; this handles subnormal
    // numbers as well.
    let scale = SIMD16<Float>(repeating: 0x1p112)
    let finite = unsafeBitCast(magnitude &<< SIMD16(repeating: 13), to: SIMD16<Float>.self) * scale
    // Infinity and NaN, from 7C00 on, get the greatest exponent.
    let special = SIMD16<Int32>(repeating: 0x7BFF) &- unsafeBitCast(magnitude, to: SIMD16<Int32>.self)
    let exponent = unsafeBitCast(special &>> SIMD16(repeating: 31), to: SIMD16<UInt32>.self)
    let sign = (halves & SIMD16(repeating: 0x8000)) &<< SIMD16(repeating: 16)
    let bits = unsafeBitCast(finite, to: SIMD16<UInt32>.self) | (exponent & SIMD16(repeating: 0x7F80_0000)) | sign
    return unsafeBitCast(bits, to: SIMD16<Float>.self)
}

/// Thirty-two values of half precision at any address.
@inline(__always)
func loadLineOfF16(_ pointer: UnsafeRawPointer) -> (SIMD16<Float>, SIMD16<Float>) {
    (loadF16(pointer), loadF16(pointer + 32))
}

/// Stores sixteen values in half precision at any address, rounded to the nearest, ties to even. Values out of range
/// become infinite; NaN stays NaN.
@inline(__always)
func storeF16(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer) {
    let bits = unsafeBitCast(lanes, to: SIMD16<UInt32>.self)
    let magnitude = bits & SIMD16(repeating: 0x7FFF_FFFF)
    let last = (magnitude &>> SIMD16(repeating: 13)) & SIMD16(repeating: 1)
    // The bias changes from 127 to 15. Of the 13 bits that are dropped, more than half carries into the last bit that
    // is kept, as does exactly half if that bit is odd.
    let normal = (magnitude &- SIMD16(repeating: 112 &<< 23 &- 0xFFF) &+ last) &>> SIMD16(repeating: 13)
    // The last place of ½ is that of a subnormal number, so the addition rounds.
    let half = SIMD16<Float>(repeating: 0.5)
    let sum = unsafeBitCast(magnitude, to: SIMD16<Float>.self) + half
    let subnormal = unsafeBitCast(sum, to: SIMD16<UInt32>.self) &- unsafeBitCast(half, to: SIMD16<UInt32>.self)
    // From 65520 on numbers become infinite. NaN keeps its quiet bit and as many of its other bits as fit.
    let nan = ((magnitude &>> SIMD16(repeating: 13)) & SIMD16(repeating: 0x3FF)) | SIMD16(repeating: 0x7E00)
    var halves = select(below(magnitude, 0x3880_0000), subnormal, normal)
    halves = select(below(magnitude, 0x477F_F000), halves, SIMD16(repeating: 0x7C00))
    halves = select(below(magnitude, 0x7F80_0001), halves, nan)
    halves |= (bits &>> SIMD16(repeating: 16)) & SIMD16(repeating: 0x8000)
    for i in 0..<laneCount {
        pointer.storeBytes(of: UInt16(truncatingIfNeeded: halves[i]), toByteOffset: 2 &* i, as: UInt16.self)
    }
}

/// All ones in the lanes that are less than `limit`, else zeros; both below 2³¹.
@inline(__always)
private func below(_ lanes: SIMD16<UInt32>, _ limit: Int32) -> SIMD16<UInt32> {
    let difference = unsafeBitCast(lanes, to: SIMD16<Int32>.self) &- SIMD16(repeating: limit)
    return unsafeBitCast(difference &>> SIMD16(repeating: 31), to: SIMD16<UInt32>.self)
}

/// The lanes of `a` where `mask` is all ones, those of `b` where it is zeros.
@inline(__always)
private func select(_ mask: SIMD16<UInt32>, _ a: SIMD16<UInt32>, _ b: SIMD16<UInt32>) -> SIMD16<UInt32> {
    (a & mask) | (b & ~mask)
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
    var result = SIMD16<Float>.zero
    for i in 0..<laneCount { result[i] = Float(lanes[i]) }
    return result
}

/// Stores integers from -128 to 127 as bytes.
@inline(__always)
func storeBytes(_ lanes: SIMD16<Int32>, _ pointer: UnsafeMutablePointer<Int8>) {
    for i in 0..<laneCount { pointer[i] = Int8(truncatingIfNeeded: lanes[i]) }
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
    let words = unsafeBitCast(weights, to: SIMD16<UInt32>.self)
    var result = sums
    for i in 0..<4 {
        let shift = SIMD16<UInt32>(repeating: UInt32(8 &* i))
        let bytes = unsafeBitCast((words &>> shift) & SIMD16(repeating: 0xFF), to: SIMD16<Int32>.self)
        let activation = Int32(Int8(truncatingIfNeeded: activations &>> Int32(8 &* i)))
        result &+= bytes &* SIMD16(repeating: activation)
    }
    return result
}
