// Quantization of activations for products with quantized weights: signed bytes with one scale for each row and group.

/// Quantized rows as records [groups][rows]. A record holds the group's bytes [size], its scale as f32, and as i32 the
/// start value -bias × Σ bytes for sums of products with biased weights. So what a tile reads of a group is contiguous,
/// and threads that write different rows share cache lines only at the edges.
struct ActivationGroups {
    let records: UnsafeRawPointer
    let groups: Int
    /// From one group to the next.
    let rows: Int
    let groupSize: Int

    /// Bytes from one row of a group to the next.
    @inline(__always)
    static func recordBytes(groupSize: Int) -> Int { groupSize &+ 8 }

    @inline(__always)
    private var recordBytes: Int { Self.recordBytes(groupSize: groupSize) }

    @inline(__always)
    func from(row: Int) -> ActivationGroups {
        ActivationGroups(records: records + row &* recordBytes, groups: groups, rows: rows, groupSize: groupSize)
    }

    @inline(__always)
    func records(group: Int) -> UnsafeRawPointer { records + group &* rows &* recordBytes }
}

extension Variant {
    /// Quantizes `count` neighbouring columns of the rows `rowRange`, which are `stride` floats apart, for weights of
    /// the given type.
    ///
    /// Each group becomes the integers nearest to value × (127 ÷ greatest magnitude), ties to even, with the scale
    /// greatest magnitude ÷ 127. In a group of zeros, or of values so small that the quotient overflows, integers and
    /// scale are 0. A group with a non-finite value has the scale NaN. The last group is padded with zeros. `records`
    /// points to the records of the first group; each group has `rows` of them.
    @inline(never)
    public static func quantize(
        _ input: UnsafePointer<Float>, rows: Int, stride: Int, count: Int, type: Int32, rowRange: Range<Int>,
        _ records: UnsafeMutableRawPointer
    ) {
        let isInt4 = type == TypeCode.int4
        let size = isInt4 ? Int4Group.size : Int8Group.size
        let bias = isInt4 ? Int4Group.bias : Int8Group.bias
        for row in rowRange {
            for group in 0..<(count &+ size &- 1) / size {
                let place = group &* rows &+ row
                let record = records + place &* ActivationGroups.recordBytes(groupSize: size)
                let (scale, sum) = quantizeGroup(
                    input + (row &* stride &+ group &* size), min(size, count &- group &* size), size,
                    record.assumingMemoryBound(to: Int8.self))
                record.storeBytes(of: scale, toByteOffset: size, as: Float.self)
                record.storeBytes(of: 0 &- bias &* sum, toByteOffset: size &+ 4, as: Int32.self)
            }
        }
    }
}

/// Quantizes `count` values, pads them with zeros to `size`, and returns the scale and the sum of the integers.
@inline(__always)
private func quantizeGroup(
    _ values: UnsafePointer<Float>, _ count: Int, _ size: Int, _ bytes: UnsafeMutablePointer<Int8>
) -> (scale: Float, sum: Int32) {
    // The bit patterns of magnitudes are ordered as the magnitudes are, with infinity and NaN at the end.
    var greatestBits = SIMD16<Int32>.zero
    forEachLanes(count) { i in
        takeGreater(load(values + i), &greatestBits)
    } tail: { i, count in
        takeGreater(loadTail(values + i, count), &greatestBits)
    }
    let greatest = Float(bitPattern: UInt32(bitPattern: maxBits(greatestBits)))
    let inverse = 127 / greatest
    guard greatest.isFinite, inverse.isFinite else {
        bytes.update(repeating: 0, count: size)
        return (greatest.isFinite ? 0 : .nan, 0)
    }
    let factor = SIMD16(repeating: inverse)
    var sums = SIMD16<Int32>.zero
    forEachLanes(count) { i in
        sums &+= storeIntegers(load(values + i) * factor, bytes + i)
    } tail: { i, count in
        sums &+= storeIntegers(loadTail(values + i, count) * factor, bytes + i)
    }
    let filled = (count &+ laneCount &- 1) / laneCount &* laneCount
    if filled < size { (bytes + filled).update(repeating: 0, count: size &- filled) }
    return (greatest / 127, sum16(sums))
}

@inline(__always)
private func takeGreater(_ lanes: SIMD16<Float>, _ greatest: inout SIMD16<Int32>) {
    let bits = unsafeBitCast(lanes, to: SIMD16<Int32>.self) & SIMD16(repeating: Int32.max)
    // Uses the sign of the difference: for a comparison the compiler would process four lanes at a time.
    let isGreater = (greatest &- bits) &>> SIMD16(repeating: 31)
    greatest = (bits & isGreater) | (greatest & ~isGreater)
}

@inline(__always)
private func maxBits(_ lanes: SIMD16<Int32>) -> Int32 {
    let eight = lanes.lowHalf.replacing(with: lanes.highHalf, where: lanes.highHalf .> lanes.lowHalf)
    let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
    return max(max(four.x, four.y), max(four.z, four.w))
}

/// Stores the nearest integers as bytes and returns them.
@inline(__always)
private func storeIntegers(_ lanes: SIMD16<Float>, _ bytes: UnsafeMutablePointer<Int8>) -> SIMD16<Int32> {
    let bits = unsafeBitCast(lanes + SIMD16(repeating: roundingShift), to: SIMD16<Int32>.self)
    let integers = bits &- SIMD16(repeating: Int32(bitPattern: roundingShift.bitPattern))
    storeBytes(integers, bytes)
    return integers
}
