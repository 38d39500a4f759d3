/// Stored weights on their way into panels.
struct Packing: Sendable {
    let source: SharedAddress
    let stored: WeightType
    let outputMajor: Bool
    let depth: Int
    let columns: Int

    /// Packs some panels of `stride` bytes; `destination` is the first of them.
    func pack(
        as type: PackedType, _ panels: Range<Int>, stride: Int, _ destination: UnsafeMutableRawPointer,
        _ kernels: any KernelSet.Type
    ) {
        kernels.packPanels(
            source.pointer, storedType: stored.code, outputMajor: outputMajor, depth: depth, columns: columns,
            panels: panels, packedType: type.code, panelStride: stride, scaleBytes: type.scaleByteCount(depth: depth),
            destination)
    }
}
