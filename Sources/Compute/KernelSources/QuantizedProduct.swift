// Matrix products on quantized weights and activations. Inside a group the sum is an exact integer. Each output is one
// chain of fused multiply-adds over ascending groups, starting from 0, of those integers times the product of both
// scales; the bias is added last.

/// Upper bounds of a block's rows and depth. Up to `rowsWithoutBlocks` rows take all of the depth at once: their input
/// is small, and at the end of a block the sums would wait for the next weights.
private let rowsPerBlock = 192
private let depthPerBlock = 1600
private let rowsWithoutBlocks = 24

extension Variant {
    public static func recordBytes(groupSize: Int) -> Int { ActivationGroups.recordBytes(groupSize: groupSize) }

    /// Computes output columns `panelRange` × 16 of quantized rows × the packed weights + bias, into `output` [rows,
    /// columns]. The rows come from `quantize` for the same type. A row with a non-finite value gives NaN in all its
    /// outputs.
    @inline(never)
    public static func quantizedProduct(
        _ records: UnsafeRawPointer, rows: Int, depth: Int, panels: UnsafeRawPointer, type: Int32,
        panelStride: Int, scaleBytes: Int, panelRange: Range<Int>, bias: UnsafePointer<Float>?,
        _ output: UnsafeMutablePointer<Float>, columns: Int
    ) {
        let size = type == TypeCode.int4 ? Int4Group.size : Int8Group.size
        let activations = ActivationGroups(
            records: records, groups: (depth &+ size &- 1) / size, rows: rows, groupSize: size)
        let blocks = (rows &+ rowsPerBlock &- 1) / rowsPerBlock
        let unitsPerBlock = rows <= rowsWithoutBlocks ? activations.groups : depthPerBlock / size
        func multiply<Weights: QuantizedWeights>(_: Weights.Type) {
            for block in 0..<blocks {
                let row = rows &* block / blocks
                let count = rows &* (block &+ 1) / blocks &- row
                let product = QuantizedProduct<Weights>(
                    activations: activations.from(row: row), panels: panels, panelStride: panelStride,
                    scaleBytes: scaleBytes,
                    outputs: Outputs(pointer: output + row &* columns, columns: columns, bias: bias))
                product.multiply(rows: count, panelRange, unitsPerBlock: unitsPerBlock)
            }
        }
        if type == TypeCode.int8 { multiply(Int8Weights.self) } else { multiply(Int4Weights.self) }
    }
}

/// A block of rows of a quantized product.
struct QuantizedProduct<Weights: QuantizedWeights>: TiledProduct {
    let activations: ActivationGroups
    let panels: UnsafeRawPointer
    let panelStride: Int
    let scaleBytes: Int
    let outputs: Outputs

    var units: Int { activations.groups }

    @inline(__always)
    func tileShape(rows: Int) -> (rows: Int, panels: Int) { (quantizedTileRows, 1) }

    @inline(__always)
    func packed(panel: Int, _ range: Range<Int>) -> PanelPart {
        let offset = panel &* panelStride &+ scaleBytes &+ range.lowerBound &* Weights.groupBytes
        return PanelPart(
            start: panels + offset, stride: panelStride, lines: range.count &* Weights.linesPerGroup)
    }

    @inline(__always)
    static func lookaheadSteps(units: Int) -> Int { units }

    @inline(__always)
    func tile(rows: Int, panels: Int, _ place: Place) { quantizedTile(rows: rows, place) }

    /// Runs a tile for `count` rows.
    @inline(__always)
    func run<let rows: Int, let strips: Int>(
        _ type: QuantizedTile<Weights, rows, strips>.Type, _ count: Int, _ place: Place
    ) {
        let operands = QuantizedOperands(
            activations: activations.from(row: place.row), scales: panels + place.panel &* panelStride,
            lines: panels + (place.panel &* panelStride &+ scaleBytes), groups: place.range,
            lookahead: place.lookahead, secondStrip: count &- rows)
        outputs.withSums(
            row: place.row, panel: place.panel, rows: count, panels: 1,
            isLast: place.range.upperBound == activations.groups
        ) { type.addProducts(operands, $0) }
    }
}
