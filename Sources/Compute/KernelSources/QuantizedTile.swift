import CSIMD

/// The operands of a quantized tile: rows of activations and one panel.
struct QuantizedOperands {
    let activations: ActivationGroups
    /// The panel's scales, [groups][16] in half precision.
    let scales: UnsafeRawPointer
    /// The panel's lines.
    let lines: UnsafeRawPointer
    /// The groups to process.
    let groups: Range<Int>
    let lookahead: Lookahead
    /// The first row of the second strip.
    let secondStrip: Int
}

/// Sums of `strips` (1 or 2) strips of `rows` rows by one panel, whose lines are read in order: memory is fastest for a
/// single sequential stream, which hardware prefetches.
///
/// For an odd number of rows the strips overlap by one row, which is computed twice with the same result. Strips exist
/// because the compiler keeps an array of 8 vectors in registers but one of 16 in memory.
enum QuantizedTile<Weights: QuantizedWeights, let rows: Int, let strips: Int> {
    typealias Sums32 = InlineArray<strips, InlineArray<rows, SIMD16<Float>>>
    typealias Integers = InlineArray<strips, InlineArray<rows, SIMD16<Int32>>>

    /// Adds the products of the groups to the sums, which start from 0 at the first group; adds the bias after the
    /// last.
    @inline(never)
    static func addProducts(_ operands: QuantizedOperands, _ result: Sums) {
        var sums = Sums32(repeating: InlineArray(repeating: .zero))
        let strip = operands.secondStrip &* result.stride
        if operands.groups.lowerBound > 0 {
            for s in 0..<strips {
                for r in 0..<rows { sums[s][r] = load(result.pointer + (s &* strip &+ r &* result.stride)) }
            }
        }
        accumulate(&sums, operands)
        if let bias = result.bias {
            let lanes = load(bias)
            for s in 0..<strips {
                for r in 0..<rows { sums[s][r] += lanes }
            }
        }
        for s in 0..<strips {
            for r in 0..<rows { store(sums[s][r], result.pointer + (s &* strip &+ r &* result.stride)) }
        }
    }

    @inline(__always)
    private static func accumulate(_ sums: inout Sums32, _ operands: QuantizedOperands) {
        let activations = operands.activations
        var lookahead = operands.lookahead
        readScalesAhead(operands)
        for group in operands.groups {
            lookahead.fetch(panels: 1)
            let records = activations.records(group: group)
            let integers = products(records, operands.secondStrip, operands.lines + group &* Weights.groupBytes)
            let scales = loadF16(operands.scales + 32 &* group)
            for s in 0..<strips {
                for r in 0..<rows {
                    let place = (s &* operands.secondStrip &+ r) &* recordBytes &+ Weights.groupSize
                    let scale = scales * SIMD16(repeating: records.load(fromByteOffset: place, as: Float.self))
                    sums[s][r] = sums[s][r].addingProduct(floatsOf(integers[s][r]), scale)
                }
            }
        }
    }

    /// Reads the scales, which precede the lines, once in order. A stream that skips them and returns to them later
    /// looks like several short ones to the prefetcher.
    @inline(__always)
    private static func readScalesAhead(_ operands: QuantizedOperands) {
        var line = operands.scales + operands.groups.lowerBound &* 32
        for _ in 0..<(operands.groups.count &+ 1) / 2 {
            readLine(line)
            line += 64
        }
    }

    /// The exact sums of a group, whose records start at `records`.
    @inline(__always)
    private static func products(
        _ records: UnsafeRawPointer, _ secondStrip: Int, _ lines: UnsafeRawPointer
    ) -> Integers {
        var integers = Integers(repeating: InlineArray(repeating: .zero))
        if Weights.isBiased {
            for s in 0..<strips {
                for r in 0..<rows {
                    let place = (s &* secondStrip &+ r) &* recordBytes &+ Weights.groupSize &+ 4
                    integers[s][r] = SIMD16(repeating: records.load(fromByteOffset: place, as: Int32.self))
                }
            }
        }
        // A few rows have too few sums to keep the multipliers busy, so every other line adds to sums of its own.
        var others = Integers(repeating: InlineArray(repeating: .zero))
        var bytes = records
        var line = lines
        let strip = secondStrip &* recordBytes
        for _ in 0..<Weights.linesPerGroup / linesAtATime {
            take(line, 0, bytes, strip, &integers)
            if hasTwoChains { take(line, 1, bytes, strip, &others) } else { take(line, 1, bytes, strip, &integers) }
            take(line, 2, bytes, strip, &integers)
            if hasTwoChains { take(line, 3, bytes, strip, &others) } else { take(line, 3, bytes, strip, &integers) }
            line += 64 &* linesAtATime
            bytes += 4 &* linesAtATime &* Weights.stepsPerLine
        }
        if hasTwoChains {
            for r in 0..<rows { integers[0][r] &+= others[0][r] }
        }
        return integers
    }

    /// Adds the products of line `i` after `line` with the activations of all rows at `bytes`.
    @inline(__always)
    private static func take(
        _ line: UnsafeRawPointer, _ i: Int, _ bytes: UnsafeRawPointer, _ strip: Int, _ integers: inout Integers
    ) {
        csimd_keep_order()
        if rows &* strips > rowsOfOneStream {
            csimd_prefetch(line, 64 &* i &+ nearBytes)
            csimd_prefetch_l2(line, 64 &* i &+ farBytes)
        }
        for step in 0..<Weights.stepsPerLine {
            let weights = Weights.lanes(line + 64 &* i, step: step)
            for s in 0..<strips {
                let values = bytes + s &* strip
                for r in 0..<rows {
                    let four = r &* recordBytes &+ 4 &* (i &* Weights.stepsPerLine &+ step)
                    integers[s][r] = Weights.dot(
                        integers[s][r], weights, values.loadUnaligned(fromByteOffset: four, as: Int32.self))
                }
            }
        }
    }

    private static var recordBytes: Int { ActivationGroups.recordBytes(groupSize: Weights.groupSize) }
    /// Lines processed between two checks of how many are left; divides every type's lines per group.
    private static var linesAtATime: Int { 4 }
    private static var hasTwoChains: Bool { rows &* strips <= 4 }
    /// Up to this many rows rely on hardware prefetching. With more, activations evict each other from the first-level
    /// cache, and fetching them again disturbs it.
    private static var rowsOfOneStream: Int { 2 }
    /// How many bytes ahead a tile prefetches its panel, and after it the next, into the first-level cache.
    private static var nearBytes: Int { 4096 }
    /// The same for the second-level cache.
    private static var farBytes: Int { 16384 }
}
