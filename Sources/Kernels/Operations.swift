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
    /// [1, columns]). A row with a value that is not finite gives NaN in all its outputs.
    public func multiply(
        _ input: Matrix, by weights: PackedMatrix, bias: Matrix?, then activation: Activation = .none,
        into output: Matrix
    ) {
        precondition(input.columns == weights.depth && output.columns == weights.columns, "columns of a product")
        precondition(
            input.rows == output.rows && (bias?.columns ?? output.columns) == output.columns, "rows of a product")
        let (rows, depth, columns) = (input.rows, weights.depth, weights.columns)
        let (x, b, y) = (input.memory, bias?.memory, output.memory)
        weights.withPanels { panels in
            run(
                weights.panelCount, of: kernels.panelsAtATime(rows: rows), multiplyAdds: rows * depth * columns
            ) { [kernels] range in
                kernels.matrixProduct(
                    x.floats, rows: rows, depth: depth, panels: panels.pointer.assumingMemoryBound(to: Float.self),
                    panelRange: range, bias: b?.floats, y.floats, columns: columns)
                let first = range.lowerBound * PackedMatrix.panelWidth
                let count = min(columns, range.upperBound * PackedMatrix.panelWidth) - first
                for row in 0..<rows { activation.apply(y.floats + row * columns + first, count: count, kernels) }
            }
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
