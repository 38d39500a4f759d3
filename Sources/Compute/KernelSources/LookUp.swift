extension Variant {
    /// Writes column `column` of packed weights as `depth` floats. Quantized weights become integer × scale.
    @inline(never)
    public static func lookUpColumn(
        _ panels: UnsafeRawPointer, type: Int32, panelStride: Int, scaleBytes: Int, depth: Int, column: Int,
        _ output: UnsafeMutablePointer<Float>
    ) {
        let panel = panels + column / laneCount &* panelStride
        let lane = column % laneCount
        switch type {
        case TypeCode.f16: lookUp(F16.self, panel, lane, depth, output)
        case TypeCode.bf16: lookUp(BF16.self, panel, lane, depth, output)
        case TypeCode.int8:
            let weights = panel + (scaleBytes &+ 4 &* lane)
            for k in 0..<depth {
                let byte = weights.load(fromByteOffset: k / 4 &* 64 &+ k % 4, as: UInt8.self)
                output[k] = Float(Int32(byte) &- Int8Group.bias)
            }
            scale(output, depth, Int8Group.size, panel, lane)
        case TypeCode.int4:
            let weights = panel + (scaleBytes &+ 4 &* lane)
            for k in 0..<depth {
                let byte = weights.load(fromByteOffset: k / 8 &* 64 &+ k % 4, as: UInt8.self)
                output[k] = Float(Int32(k % 8 < 4 ? byte & 15 : byte &>> 4) &- Int4Group.bias)
            }
            scale(output, depth, Int4Group.size, panel, lane)
        default: lookUp(F32.self, panel, lane, depth, output)
        }
    }
}

@inline(__always)
private func lookUp<Packed: StoredElement>(
    _: Packed.Type, _ panel: UnsafeRawPointer, _ lane: Int, _ depth: Int, _ output: UnsafeMutablePointer<Float>
) {
    for k in 0..<depth { output[k] = Packed.load16(panel + k &* laneCount &* Packed.byteCount)[lane] }
}

/// Multiplies each group of the integers by its scale.
@inline(__always)
private func scale(
    _ values: UnsafeMutablePointer<Float>, _ depth: Int, _ groupSize: Int, _ scales: UnsafeRawPointer, _ lane: Int
) {
    var k = 0
    while k < depth {
        let scale = loadF16(scales + k / groupSize &* laneCount &* F16.byteCount)[lane]
        for i in k..<min(depth, k &+ groupSize) { values[i] *= scale }
        k &+= groupSize
    }
}
