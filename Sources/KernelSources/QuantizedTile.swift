import CSIMD

/// What a quantized tile multiplies: some rows, and some panels `panelStride` bytes apart.
struct QuantizedOperands {
    let activations: ActivationGroups
    /// The first panel's scales, [groups][16] in half precision.
    let scales: UnsafeRawPointer
    /// The first panel's lines.
    let lines: UnsafeRawPointer
    let panelStride: Int
    /// The groups to take now.
    let groups: Range<Int>
    let lookahead: Lookahead
}

/// Sums of `rows` rows by `width` panels, all in registers.
enum QuantizedTile<Weights: QuantizedWeights, let rows: Int, let width: Int> {
    typealias Sums32 = InlineArray<rows, InlineArray<width, SIMD16<Float>>>
    typealias Integers = InlineArray<rows, InlineArray<width, SIMD16<Int32>>>

    /// Adds the products of some groups to the sums, which begin at 0 where the depth does; then the bias.
    @inline(never)
    static func addProducts(_ operands: QuantizedOperands, _ result: Sums) {
        var sums = Sums32(repeating: InlineArray(repeating: .zero))
        if operands.groups.lowerBound > 0 {
            for r in 0..<rows {
                for p in 0..<width { sums[r][p] = load(result.pointer + r &* result.stride + p &* laneCount) }
            }
        }
        accumulate(&sums, operands)
        if let bias = result.bias {
            for p in 0..<width {
                let lanes = load(bias + p &* laneCount)
                for r in 0..<rows { sums[r][p] += lanes }
            }
        }
        for r in 0..<rows {
            for p in 0..<width { store(sums[r][p], result.pointer + r &* result.stride + p &* laneCount) }
        }
    }

    @inline(__always)
    private static func accumulate(_ sums: inout Sums32, _ operands: QuantizedOperands) {
        let activations = operands.activations
        let bytes = InlineArray<rows, UnsafeRawPointer> { r in
            csimd_opaque(activations.bytes + r &* activations.groups &* Weights.groupSize)
        }
        var lookahead = operands.lookahead
        for group in operands.groups {
            lookahead.fetch(panels: width)
            let integers = products(
                bytes, activations.starts, activations.groups, operands.lines, operands.panelStride, group)
            for p in 0..<width {
                let scales = loadF16(operands.scales + p &* operands.panelStride + 32 &* group)
                for r in 0..<rows {
                    let scale = scales * SIMD16(repeating: activations.scales[r &* activations.groups &+ group])
                    sums[r][p] = sums[r][p].addingProduct(floatsOf(integers[r][p]), scale)
                }
            }
        }
    }

    /// The exact sums of one group. Rows have pointers of their own, so that a step computes no addresses: that would
    /// take turns from the products.
    @inline(__always)
    private static func products(
        _ bytes: InlineArray<rows, UnsafeRawPointer>, _ starts: UnsafePointer<Int32>, _ startStride: Int,
        _ lines: UnsafeRawPointer, _ panelStride: Int, _ group: Int
    ) -> Integers {
        var integers = Integers(repeating: InlineArray(repeating: .zero))
        if Weights.isBiased {
            for r in 0..<rows {
                let start = SIMD16(repeating: starts[r &* startStride &+ group])
                for p in 0..<width { integers[r][p] = start }
            }
        }
        // With a single panel there are too few sums to keep the multipliers busy: every other line has its own.
        var others = Integers(repeating: InlineArray(repeating: .zero))
        var offset = group &* Weights.groupSize
        var line = lines + group &* Weights.groupBytes
        for _ in 0..<Weights.linesPerGroup / linesAtATime {
            take(line, 0, panelStride, bytes, offset, &integers)
            if width == 1 {
                take(line, 1, panelStride, bytes, offset, &others)
            } else {
                take(line, 1, panelStride, bytes, offset, &integers)
            }
            take(line, 2, panelStride, bytes, offset, &integers)
            if width == 1 {
                take(line, 3, panelStride, bytes, offset, &others)
            } else {
                take(line, 3, panelStride, bytes, offset, &integers)
            }
            line += 64 &* linesAtATime
            offset &+= 4 &* linesAtATime &* Weights.stepsPerLine
        }
        if width == 1 {
            for r in 0..<rows { integers[r][0] &+= others[r][0] }
        }
        return integers
    }

    /// Adds the products of line `i` from `line` on.
    @inline(__always)
    private static func take(
        _ line: UnsafeRawPointer, _ i: Int, _ panelStride: Int, _ bytes: InlineArray<rows, UnsafeRawPointer>,
        _ offset: Int, _ integers: inout Integers
    ) {
        if width == 1 {
            csimd_prefetch(line, 64 &* i &+ nearBytes / 2)
            csimd_prefetch_l2(line, 64 &* i &+ farBytes)
        } else if rows <= fewRows {
            for p in 0..<width { csimd_prefetch(line, p &* panelStride &+ 64 &* i &+ nearBytes) }
        }
        for step in 0..<Weights.stepsPerLine {
            let weights = InlineArray<width, Weights.Lanes> { p in
                Weights.lanes(line + (p &* panelStride &+ 64 &* i), step: step)
            }
            for r in 0..<rows {
                let four = offset &+ 4 &* (i &* Weights.stepsPerLine &+ step)
                let values = bytes[r].loadUnaligned(fromByteOffset: four, as: Int32.self)
                for p in 0..<width { integers[r][p] = Weights.dot(integers[r][p], weights[p], values) }
            }
        }
    }

    /// Lines that are taken without a look at how many are left; divides every type's lines of a group.
    private static var linesAtATime: Int { 4 }
    /// With more rows than so many a weight is used long enough for the next to come by themselves, and asking for them
    /// would take turns from loading activations.
    private static var fewRows: Int { 4 }
    /// Bytes ahead that a tile fetches of its own panels into the first-level cache.
    private static var nearBytes: Int { 2048 }
    /// The same into the second-level cache, where there is a single panel and so a single stream.
    private static var farBytes: Int { 8192 }
}
