// Attention in two passes over ascending absolute positions: first the scores and their maximum, then the exponentials,
// their sum and the weighted values. A row's result does not depend on the rows beside it: masked positions enter none
// of its sums.

extension Variant {
    /// Causal self-attention for consecutive positions of one sequence, from `start` on, in the heads `heads`.
    ///
    /// `queries` has `rows` rows [heads × width], `stride` floats apart. Each row attends to all positions up to and
    /// including its own. Results go to `output`, with rows `outputStride` floats apart.
    ///
    /// If `new` is given, the rows' own keys and values, also `stride` floats apart, are stored for those heads as
    /// well.
    ///
    /// `keys` and `values` point to the layer's block 0; see ``SequenceBlocks``. Elements are f16 if `halfPrecision`,
    /// else f32.
    @inline(never)
    public static func attention(
        _ queries: UnsafePointer<Float>, stride: Int, rows: Int, start: Int, heads: Range<Int>, headCount: Int,
        width: Int, scale: Float, keys: UnsafeMutableRawPointer, values: UnsafeMutableRawPointer, halfPrecision: Bool,
        blockTable: UnsafePointer<Int32>, storing new: (keys: UnsafePointer<Float>, values: UnsafePointer<Float>)?,
        _ output: UnsafeMutablePointer<Float>, outputStride: Int
    ) {
        let strip = Strip(
            rows: rows, start: start, width: width, scale: scale, queries: queries, queryStride: stride,
            new: new.map { StoredRows(keys: $0.keys, values: $0.values, stride: stride, count: rows, start: start) },
            output: output, outputStride: outputStride)
        func attend<Element: StoredElement>(_: Element.Type) {
            strip.attend(
                heads,
                SequenceBlocks<Element>(
                    keys: keys, values: values, table: blockTable, headCount: headCount, width: width))
        }
        if halfPrecision { attend(F16.self) } else { attend(F32.self) }
    }
}

/// A strip of rows of one sequence.
struct Strip {
    let rows: Int
    let start: Int
    let width: Int
    let scale: Float
    let queries: UnsafePointer<Float>
    let queryStride: Int
    /// The rows' keys and values if they are still to be stored.
    let new: StoredRows?
    let output: UnsafeMutablePointer<Float>
    let outputStride: Int

    /// The number of positions up to the last row's, rounded up to whole vectors.
    @inline(__always)
    var paddedPositions: Int { (start &+ rows &+ laneCount &- 1) & ~(laneCount &- 1) }

    @inline(__always)
    var paddedWidth: Int { (width &+ laneCount &- 1) & ~(laneCount &- 1) }

    @inline(__always)
    func attend<Element>(_ heads: Range<Int>, _ blocks: SequenceBlocks<Element>) {
        let lists = rows == 1 ? heads.count : rows
        let byteCount = StripScratch.byteCount(self, lists: lists)
        withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 64) { memory in
            let scratch = StripScratch(memory.baseAddress!.assumingMemoryBound(to: Float.self), self, lists: lists)
            if rows == 1 {
                attendOne(heads, blocks, scratch)
            } else {
                for head in heads {
                    new?.storeRows(blocks, head)
                    attendMany(head, blocks, scratch)
                }
            }
        }
    }
}

/// Scratch buffers of a strip. They hold one list for each row of a head or, for a single row, one for each head.
struct StripScratch {
    /// [lists][positions, padded to a multiple of 16]: scores, later exponentials.
    let weights: UnsafeMutablePointer<Float>
    /// [lists][padded width]: sums of weighted values.
    let sums: UnsafeMutablePointer<Float>
    /// [16][padded width]: a block's keys or values, widened to f32.
    let block: UnsafeMutablePointer<Float>
    /// [lists]: sums of exponentials.
    let totals: UnsafeMutablePointer<Float>

    @inline(__always)
    init(_ memory: UnsafeMutablePointer<Float>, _ strip: Strip, lists: Int) {
        weights = memory
        sums = memory + lists &* strip.paddedPositions
        block = sums + lists &* strip.paddedWidth
        totals = block + laneCount &* strip.paddedWidth
    }

    static func byteCount(_ strip: Strip, lists: Int) -> Int {
        let floats = lists &* (strip.paddedPositions &+ strip.paddedWidth &+ 1) &+ laneCount &* strip.paddedWidth
        return floats &* MemoryLayout<Float>.stride
    }
}

/// Replaces the scores of `count` positions by exp(score - maximum) and returns their sum. The buffer's size is a
/// multiple of 16.
@inline(never)
func exponentials(_ scores: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    let end = (count &+ laneCount &- 1) & ~(laneCount &- 1)
    // Padding: its exponential is exactly 0.
    for position in count..<end { scores[position] = -.infinity }
    var maxima = SIMD16<Float>(repeating: -.infinity)
    var index = 0
    while index < end {
        let lanes = load(scores + index)
        maxima = maxima.replacing(with: lanes, where: lanes .> maxima)
        index &+= laneCount
    }
    let greatest = SIMD16(repeating: max16(maxima))
    var sums = SIMD16<Float>.zero
    index = 0
    while index < end {
        let weights = vectorExp(load(scores + index) - greatest)
        store(weights, scores + index)
        sums += weights
        index &+= laneCount
    }
    return sum16(sums)
}

/// Writes `count` sums, each divided by `total`.
@inline(__always)
func writeQuotients(
    _ sums: UnsafePointer<Float>, _ total: Float, _ output: UnsafeMutablePointer<Float>, _ count: Int
) {
    let total = SIMD16(repeating: total)
    forEachLanes(count) {
        store(load(sums + $0) / total, output + $0)
    } tail: {
        storeTail(load(sums + $0) / total, output + $0, $1)
    }
}
