/// The operands of a product as threads share them.
///
/// It holds weights only by their address, while their owner waits for the threads.
struct ProductOperands: Sendable {
    let rows: Int
    private let depth: Int
    let columns: Int
    private let type: Int32
    let output: AlignedMemory
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

    /// Computes the outputs of the panels in place.
    func multiply(_ panelRange: Range<Int>, _ kernels: any KernelSet.Type) {
        multiply(panelRange, from: 0, into: output.floats, columns: columns, kernels)
    }

    /// Computes the outputs of the panels in `scratch` [rows, `scratchColumns`].
    func multiply(
        _ panelRange: Range<Int>, into scratch: UnsafeMutablePointer<Float>, scratchColumns: Int,
        _ kernels: any KernelSet.Type
    ) {
        multiply(0..<panelRange.count, from: panelRange.lowerBound, into: scratch, columns: scratchColumns, kernels)
    }

    /// Panels and columns of the output are counted from panel `first`.
    private func multiply(
        _ panelRange: Range<Int>, from first: Int, into output: UnsafeMutablePointer<Float>, columns: Int,
        _ kernels: any KernelSet.Type
    ) {
        let panels = panels.pointer + first * panelStride
        let bias = bias.map { UnsafePointer($0.floats + first * PackedType.panelWidth) }
        if let quantized = input.quantized {
            kernels.quantizedProduct(
                quantized.floats, rows: rows, depth: depth, panels: panels, type: type, panelStride: panelStride,
                scaleBytes: scaleBytes, panelRange: panelRange, bias: bias, output, columns: columns)
        } else {
            kernels.matrixProduct(
                input.floats.floats, rows: rows, depth: depth, panels: panels, type: type, panelStride: panelStride,
                panelRange: panelRange, bias: bias, output, columns: columns)
        }
    }
}
