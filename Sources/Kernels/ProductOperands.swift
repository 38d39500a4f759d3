/// What the threads of a team need for their shares of a product.
///
/// It holds weights by their address only, for as long as their owner waits for the threads.
struct ProductOperands: Sendable {
    private enum Input: Sendable {
        case floats(AlignedMemory)
        case quantized(QuantizedRows)
    }

    let rows: Int
    let depth: Int
    let columns: Int
    let type: Int32
    let output: AlignedMemory
    private let input: Input
    private let panels: SharedAddress
    private let panelStride: Int
    private let scaleBytes: Int
    private let bias: AlignedMemory?

    init(_ weights: PackedMatrix, _ panels: SharedAddress, _ input: Matrix, _ bias: Matrix?, _ output: Matrix) {
        self.init(weights, panels, .floats(input.memory), bias, output)
    }

    init(
        _ weights: PackedMatrix, _ panels: SharedAddress, quantized: QuantizedRows, _ bias: Matrix?, _ output: Matrix
    ) {
        self.init(weights, panels, .quantized(quantized), bias, output)
    }

    private init(
        _ weights: PackedMatrix, _ panels: SharedAddress, _ input: Input, _ bias: Matrix?, _ output: Matrix
    ) {
        (rows, depth, columns) = (output.rows, weights.depth, weights.columns)
        (type, panelStride, scaleBytes) = (weights.type.code, weights.panelByteCount, weights.scaleByteCount)
        (self.input, self.panels, self.bias, self.output) = (input, panels, bias?.memory, output.memory)
    }

    /// Makes the outputs of some panels.
    func multiply(_ panelRange: Range<Int>, _ kernels: any KernelSet.Type) {
        switch input {
        case .floats(let input):
            kernels.matrixProduct(
                input.floats, rows: rows, depth: depth, panels: panels.pointer, type: type, panelStride: panelStride,
                panelRange: panelRange, bias: bias?.floats, output.floats, columns: columns)
        case .quantized(let input):
            kernels.quantizedProduct(
                bytes: input.bytes, scales: input.scales, starts: input.starts, rows: rows, depth: depth,
                panels: panels.pointer, type: type, panelStride: panelStride, scaleBytes: scaleBytes,
                panelRange: panelRange, bias: bias?.floats, output.floats, columns: columns)
        }
    }
}
