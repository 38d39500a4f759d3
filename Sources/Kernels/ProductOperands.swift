/// What the threads of a team need for their shares of a product.
///
/// It holds weights by their address only, for as long as their owner waits for the threads.
struct ProductOperands: Sendable {
    private let rows: Int
    private let depth: Int
    private let columns: Int
    private let type: Int32
    private let output: AlignedMemory
    private let input: PreparedRows
    private let panels: SharedAddress
    private let panelStride: Int
    private let scaleBytes: Int
    private let bias: AlignedMemory?

    init(
        _ weights: PackedMatrix, _ panels: SharedAddress, _ input: PreparedRows, _ bias: Matrix?, _ output: Matrix
    ) {
        (rows, depth, columns) = (output.rows, weights.depth, weights.columns)
        (type, panelStride, scaleBytes) = (weights.type.code, weights.panelByteCount, weights.scaleByteCount)
        (self.input, self.panels, self.bias, self.output) = (input, panels, bias?.memory, output.memory)
    }

    /// Makes the outputs of some panels.
    func multiply(_ panelRange: Range<Int>, _ kernels: any KernelSet.Type) {
        if let quantized = input.quantized {
            kernels.quantizedProduct(
                quantized.floats, rows: rows, depth: depth, panels: panels.pointer, type: type,
                panelStride: panelStride, scaleBytes: scaleBytes, panelRange: panelRange, bias: bias?.floats,
                output.floats, columns: columns)
        } else {
            kernels.matrixProduct(
                input.floats.floats, rows: rows, depth: depth, panels: panels.pointer, type: type,
                panelStride: panelStride, panelRange: panelRange, bias: bias?.floats, output.floats, columns: columns)
        }
    }
}
