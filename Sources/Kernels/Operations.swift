// The steps of a transformer layer but attention, cut over output columns or rows and never over what is summed, so
// that the threads do not show in the numbers.

/// What follows a product and its bias, element by element.
public enum Activation: Sendable {
    case none
    /// GELU by the hyperbolic tangent.
    case geluByTanh
    /// GELU by the error function.
    case geluByErf

    func apply(_ values: UnsafeMutablePointer<Float>, count: Int, _ kernels: any KernelSet.Type) {
        switch self {
        case .none: break
        case .geluByTanh: kernels.geluByTanh(values, count: count)
        case .geluByErf: kernels.geluByErf(values, count: count)
        }
    }
}

extension ThreadTeam {
    /// Sets `output` [rows, columns] to `activation`(`input` [rows, depth] × `weights` [depth, columns] + `bias`
    /// [1, columns]). A row with a value that is not finite gives NaN in all its outputs. `nearEnd` is called once, on any
    /// thread, when about a quarter of the work is left.
    public func multiply(
        _ input: Matrix, by weights: PackedMatrix, bias: Matrix?, then activation: Activation = .none,
        into output: Matrix, nearEnd: (@Sendable () -> Void)? = nil
    ) {
        precondition(input.columns == weights.depth && output.columns == weights.columns, "columns of a product")
        precondition(
            input.rows == output.rows && (bias?.columns ?? output.columns) == output.columns, "rows of a product")
        weights.withPanels { panels in
            if let groupSize = weights.type.groupSize {
                QuantizedRows.withRoom(rows: input.rows, depth: input.columns, groupSize: groupSize) { rows in
                    quantize(input, weights.type, into: rows)
                    let operands = ProductOperands(weights, panels, quantized: rows, bias, output)
                    multiply(operands, then: activation, nearEnd)
                }
            } else {
                multiply(ProductOperands(weights, panels, input, bias, output), then: activation, nearEnd)
            }
        }
    }

    /// Up to so many rows a product waits for the weights only.
    private static var fewRows: Int { 4 }

    private func multiply(
        _ operands: ProductOperands, then activation: Activation, _ nearEnd: (@Sendable () -> Void)?
    ) {
        let (rows, depth, columns) = (operands.rows, operands.depth, operands.columns)
        let panels = (columns + PackedMatrix.panelWidth - 1) / PackedMatrix.panelWidth
        // Of the first thread's panels, which it takes in order.
        let mark = panels / threadCount * 3 / 4
        run(
            panels,
            of: kernels.panelsAtATime(rows: rows, type: operands.type), multiplyAdds: rows * depth * columns,
            partsPerThread: rows <= Self.fewRows ? Self.manyParts : Self.fewParts
        ) { [kernels] range in
            if let nearEnd, range.contains(mark) { nearEnd() }
            operands.multiply(range, kernels)
            let first = range.lowerBound * PackedMatrix.panelWidth
            let count = min(columns, range.upperBound * PackedMatrix.panelWidth) - first
            for row in 0..<rows {
                activation.apply(operands.output.floats + row * columns + first, count: count, kernels)
            }
        }
    }

    private func quantize(_ input: Matrix, _ type: PackedType, into rows: QuantizedRows) {
        let (memory, depth) = (input.memory, input.columns)
        run(rows.groups, of: 1, multiplyAdds: input.rows * depth * 4) { [kernels] range in
            rows.quantize(memory.floats, groups: range, depth: depth, type, kernels)
        }
    }

    /// Sets each row of `output` to the layer norm of that row of `input`, times `scale` plus `shift` [1, columns].
    public func layerNorm(_ input: Matrix, scale: Matrix, shift: Matrix, epsilon: Float, into output: Matrix) {
        precondition(input.rows == output.rows && input.columns == output.columns, "shape of a layer norm")
        precondition(scale.columns == input.columns && shift.columns == input.columns, "width of a layer norm")
        let width = input.columns
        let (x, y, scale, shift) = (input.memory, output.memory, scale.memory, shift.memory)
        run(input.rows, of: 1, multiplyAdds: input.rows * width * 4) { [kernels] range in
            let offset = range.lowerBound * width
            kernels.layerNorm(
                x.floats + offset, rows: range.count, width: width, scale: scale.floats, shift: shift.floats,
                epsilon: epsilon, y.floats + offset)
        }
    }

    /// Adds `other` to `matrix`, element by element.
    public func add(_ other: Matrix, to matrix: Matrix) {
        precondition(other.rows == matrix.rows && other.columns == matrix.columns, "shape of a sum")
        let width = matrix.columns
        let (x, y) = (other.memory, matrix.memory)
        run(matrix.rows, of: 1, multiplyAdds: matrix.rows * width) { [kernels] range in
            let offset = range.lowerBound * width
            kernels.add(x.floats + offset, to: y.floats + offset, count: range.count * width)
        }
    }
}

extension Matrix {
    /// Whether none of the values is infinite or NaN.
    public var isFinite: Bool { Processor.kernels.isFinite(memory.floats, count: rows * columns) }

    /// A matrix of the given rows of this one.
    public func selecting(rows indices: [Int]) -> Matrix {
        let selection = Matrix(rows: indices.count, columns: columns)
        for (row, index) in indices.enumerated() {
            precondition(index >= 0 && index < rows, "row of a matrix")
            selection.pointer(row: row).update(from: pointer(row: index), count: columns)
        }
        return selection
    }
}
