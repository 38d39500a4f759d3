// Packing of stored weights into panels of any packed type; `PackedType` in Kernels describes the layout.

/// The numbers by which types of weights are passed to kernels.
enum TypeCode {
    static var f32: Int32 { 0 }
    static var f16: Int32 { 1 }
    static var bf16: Int32 { 2 }
    static var int8: Int32 { 3 }
    static var int4: Int32 { 4 }
}

/// Where packed panels go: `stride` bytes each, of which the first `scaleBytes` hold scales.
private struct PanelSpace {
    let start: UnsafeMutableRawPointer
    let stride: Int
    let scaleBytes: Int
    let panels: Range<Int>

    @inline(__always)
    subscript(panel: Int) -> UnsafeMutableRawPointer { start + (panel &- panels.lowerBound) &* stride }
}

extension Variant {
    /// Packs the panels `panels` of a matrix [depth, columns] into `destination`, which points to the first of them.
    /// The matrix is stored as [columns, depth] if `outputMajor`. A group with a non-finite weight gets the scale NaN.
    @inline(never)
    public static func packPanels(
        _ source: UnsafeRawPointer, storedType: Int32, outputMajor: Bool, depth: Int, columns: Int, panels: Range<Int>,
        packedType: Int32, panelStride: Int, scaleBytes: Int, _ destination: UnsafeMutableRawPointer
    ) {
        let space = PanelSpace(start: destination, stride: panelStride, scaleBytes: scaleBytes, panels: panels)
        func from<Stored: StoredElement>(_: Stored.Type) {
            let source = WeightSource<Stored>(start: source, depth: depth, columns: columns, outputMajor: outputMajor)
            switch packedType {
            case TypeCode.f16: packFloats(source, as: F16.self, space)
            case TypeCode.bf16: packFloats(source, as: BF16.self, space)
            case TypeCode.int8: packGroups(source, as: Int8Group.self, space)
            case TypeCode.int4: packGroups(source, as: Int4Group.self, space)
            default: packFloats(source, as: F32.self, space)
            }
        }
        switch storedType {
        case TypeCode.f16: from(F16.self)
        case TypeCode.bf16: from(BF16.self)
        default: from(F32.self)
        }
    }
}

/// Depth that is widened at a time.
private let stripDepth = 64

@inline(never)
private func packFloats<Stored: StoredElement, Packed: StoredElement>(
    _ source: WeightSource<Stored>, as _: Packed.Type, _ space: PanelSpace
) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: stripDepth &* laneCount) { buffer in
        guard let strip = buffer.baseAddress else { return }
        for panel in space.panels {
            var k = 0
            while k < source.depth {
                let count = min(stripDepth, source.depth &- k)
                source.load(panel: panel, from: k, count: count, into: strip)
                for i in 0..<count {
                    let to = space[panel] + (k &+ i) &* laneCount &* Packed.byteCount
                    Packed.store16(load(strip + i &* laneCount), to)
                }
                k &+= stripDepth
            }
        }
    }
}

@inline(never)
private func packGroups<Stored: StoredElement, Group: WeightGroup>(
    _ source: WeightSource<Stored>, as _: Group.Type, _ space: PanelSpace
) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: Group.size &* laneCount) { buffer in
        guard let strip = buffer.baseAddress else { return }
        for panel in space.panels {
            for group in 0..<(source.depth &+ Group.size &- 1) / Group.size {
                source.load(panel: panel, from: group &* Group.size, count: Group.size, into: strip)
                let scale = Group.scale(of: strip)
                storeF16(scale, space[panel] + group &* laneCount &* F16.byteCount)
                Group.pack(strip, scale, space[panel] + (space.scaleBytes &+ group &* Group.byteCount))
            }
        }
    }
}
