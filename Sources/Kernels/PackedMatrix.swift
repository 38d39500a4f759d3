/// How a weight matrix is stored.
public enum WeightLayout: Sendable {
    /// [depth, columns], as in GPT-2's projections.
    case inputMajor
    /// [columns, depth], as in its token embedding, which is also its output head.
    case outputMajor
}

/// Weights of a matrix product [depth, columns] as f32 in panels of 16 output columns with all of the depth,
/// [columns / 16][depth][16], the last one filled up with zeros: a product reads them once, in order.
public final class PackedMatrix: Sendable {
    /// Number of inputs.
    public let depth: Int
    /// Number of outputs.
    public let columns: Int
    let memory: AlignedMemory

    /// Columns of a panel.
    static let panelWidth = 16

    var panelCount: Int { (columns + Self.panelWidth - 1) / Self.panelWidth }

    /// Memory held, in bytes.
    public var byteCount: Int { memory.byteCount }

    /// The weights as they are packed, for checks.
    package var panels: [Float] {
        [Float](UnsafeBufferPointer(start: memory.floats, count: panelCount * Self.panelWidth * depth))
    }

    /// Packs stored weights at any alignment, on all threads of `team`. Throws
    /// ``KernelsError/wrongByteCount(found:rows:columns:)`` and ``KernelsError/outOfMemory(byteCount:purpose:)``.
    public init(
        _ bytes: RawSpan, type: WeightType, layout: WeightLayout, depth: Int, columns: Int, team: ThreadTeam
    ) throws(KernelsError) {
        guard depth > 0, columns > 0, bytes.byteCount == storedByteCount(type, depth, columns) else {
            throw .wrongByteCount(found: bytes.byteCount, rows: depth, columns: columns)
        }
        (self.depth, self.columns) = (depth, columns)
        let panels = columns / Self.panelWidth + (columns % Self.panelWidth == 0 ? 0 : 1)
        let (floats, overflow) = panels.multipliedReportingOverflow(by: Self.panelWidth * depth)
        guard !overflow else { throw .outOfMemory(byteCount: nil, purpose: "weights") }
        memory = try AlignedMemory(floatCount: floats, expectedDense: true, purpose: "weights")
        let memory = memory
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            let weights = SharedAddress(start)
            let kernels = team.kernels
            team.run(panels, of: 1, multiplyAdds: floats) { range in
                type.pack(
                    weights.pointer, depth: depth, columns: columns, panels: range,
                    outputMajor: layout == .outputMajor, memory.floats, kernels)
            }
        }
    }
}

/// An address that the threads of a team only read from, while its owner waits for them.
///
/// Unchecked, for the pointer: nobody writes there meanwhile.
struct SharedAddress: @unchecked Sendable {
    let pointer: UnsafeRawPointer

    init(_ pointer: UnsafeRawPointer) { self.pointer = pointer }
}
