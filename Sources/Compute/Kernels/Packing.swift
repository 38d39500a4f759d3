/// Packs stored weights into panels.
struct Packing: Sendable {
    let source: SharedAddress
    let stored: WeightType
    let outputMajor: Bool
    let depth: Int
    let columns: Int

    /// Packs the panels `panels`, of `stride` bytes each; `destination` points to the first of them.
    func pack(
        as type: PackedType, _ panels: Range<Int>, stride: Int, _ destination: UnsafeMutableRawPointer,
        _ kernels: any KernelSet.Type
    ) {
        kernels.packPanels(
            source.pointer, storedType: stored.code, outputMajor: outputMajor, depth: depth, columns: columns,
            panels: panels, packedType: type.code, panelStride: stride, scaleBytes: type.scaleByteCount(depth: depth),
            destination)
    }

    /// Bytes of a large table read in one step.
    private static let stepBytes = 16 << 20

    /// The ranges of panels to pack one after another: several steps if the weights of a panel are contiguous, else a
    /// single one.
    var steps: [Range<Int>] {
        let count = PackedType.panelCount(columns: columns)
        guard outputMajor else { return [0..<count] }
        let size = max(1, Self.stepBytes / (PackedType.panelWidth * depth * stored.byteCount))
        return stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
    }

    /// The bytes that a step reads.
    func bytes(of step: Range<Int>) -> Range<Int> {
        let columnBytes = depth * stored.byteCount
        guard outputMajor else { return 0..<columns * columnBytes }
        let end = min(columns, step.upperBound * PackedType.panelWidth)
        return step.lowerBound * PackedType.panelWidth * columnBytes..<end * columnBytes
    }
}
