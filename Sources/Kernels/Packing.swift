/// Stored weights on their way into panels.
struct Packing: Sendable {
    let source: SharedAddress
    let stored: WeightType
    let outputMajor: Bool
    let depth: Int
    let columns: Int

    /// Packs some panels; `destination` is the first of them.
    func pack(
        as type: PackedType, _ panels: Range<Int>, _ destination: UnsafeMutableRawPointer,
        _ kernels: any KernelSet.Type
    ) {
        precondition(type == .f32, "types of panels")
        stored.pack(
            source.pointer, depth: depth, columns: columns, panels: panels, outputMajor: outputMajor,
            destination.assumingMemoryBound(to: Float.self), kernels)
    }
}
