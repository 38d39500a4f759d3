// Products of a layer's rows with its weights, and what follows them element by element: each thread does it to the
// columns that it has just made.

/// What follows a product and its bias, element by element.
public enum Activation: Sendable {
    case none
    /// GELU by the hyperbolic tangent.
    case geluByTanh
    /// GELU by the error function.
    case geluByErf

    /// To some columns of all rows.
    fileprivate func apply(
        _ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, _ range: Range<Int>,
        _ kernels: any KernelSet.Type
    ) {
        for row in 0..<rows {
            let place = values + (row * columns + range.lowerBound)
            switch self {
            case .none: break
            case .geluByTanh: kernels.geluByTanh(place, count: range.count)
            case .geluByErf: kernels.geluByErf(place, count: range.count)
            }
        }
    }
}

extension ThreadTeam {
    /// Sets `output` [rows, columns] to `activation`(`input` [rows, depth] × `weights` [depth, columns] + `bias`
    /// [1, columns]). A row with a value that is not finite gives NaN in all its outputs. `nearEnd` is called once when
    /// few of the weights are left.
    public func multiply(
        _ input: ProductInput, by weights: PackedMatrix, bias: Matrix?, then activation: Activation = .none,
        into output: Matrix, nearEnd: (() -> Void)? = nil
    ) {
        let (memory, rows, columns) = (output.memory, output.rows, output.columns)
        multiply(input, by: weights, bias: bias, into: output, nearEnd: nearEnd) { [kernels] range in
            activation.apply(memory.floats, rows: rows, columns: columns, range, kernels)
        }
    }

    /// The same into what another product takes.
    public func multiply(
        _ input: ProductInput, by weights: PackedMatrix, bias: Matrix?, then activation: Activation = .none,
        into output: ProductInput
    ) {
        let prepared = output.prepared
        multiply(
            input, by: weights, bias: bias, into: output.values, columnsTogether: prepared.columnsTogether
        ) { [kernels] range in
            activation.apply(
                prepared.floats.floats, rows: prepared.rows, columns: prepared.depth, range, kernels)
            prepared.prepare(rows: 0..<prepared.rows, columns: range, kernels)
        }
    }

    /// Adds the product and its bias to `sum` [rows, columns]; `product` [rows, columns] is room for it. `nearEnd` is
    /// called once when few of the weights are left.
    public func multiply(
        _ input: ProductInput, by weights: PackedMatrix, bias: Matrix?, addingTo sum: Matrix, product: Matrix,
        nearEnd: (() -> Void)? = nil
    ) {
        precondition(sum.rows == product.rows && sum.columns == product.columns, "shape of a sum")
        let (rows, columns) = (sum.rows, sum.columns)
        let (product, memory, sum) = (product, product.memory, sum.memory)
        multiply(input, by: weights, bias: bias, into: product, nearEnd: nearEnd) { [kernels] range in
            for row in 0..<rows {
                let place = row * columns + range.lowerBound
                kernels.add(memory.floats + place, to: sum.floats + place, count: range.count)
            }
        }
    }

    /// Quantizes what an input holds, where the weights are quantized.
    public func quantize(_ input: ProductInput) {
        let prepared = input.prepared
        guard prepared.quantized != nil else { return }
        run(
            prepared.depth, of: prepared.columnsTogether, multiplyAdds: prepared.rows * prepared.depth * 4
        ) { [kernels] range in
            prepared.prepare(rows: 0..<prepared.rows, columns: range, kernels)
        }
    }

    /// Up to so many rows parts of a product are small, so that no thread waits long for another: the less there is to
    /// compute, the more of a thread's time hangs on when its weights come from memory.
    private static var fewRows: Int { 16 }
    /// Bytes of weights that are left when the end of a product of few rows is near: they take memory some tenth of a
    /// millisecond.
    private static var bytesNearEnd: Int { 4 << 20 }

    /// `finish` is called for each range of columns when they are there. Ranges begin at multiples of `columnsTogether`.
    private func multiply(
        _ input: ProductInput, by weights: PackedMatrix, bias: Matrix?, into output: Matrix, columnsTogether: Int = 1,
        nearEnd: (() -> Void)? = nil, finish: @escaping @Sendable (_ columns: Range<Int>) -> Void
    ) {
        let (rows, columns) = (input.values.rows, weights.columns)
        precondition(input.values.columns == weights.depth && output.columns == columns, "columns of a product")
        precondition(rows == output.rows && (bias?.columns ?? columns) == columns, "rows of a product")
        precondition(input.prepared.type.groupSize == weights.type.groupSize, "input for weights of another type")
        let width = PackedMatrix.panelWidth
        let panels = (columns + width - 1) / width
        let atATime = kernels.panelsAtATime(rows: rows, type: weights.type.code)
        let together = max(1, columnsTogether / width)
        let unit = together % atATime == 0 ? together : together * atATime
        // The caller's own thread has to be free for `nearEnd`, so what is left then is a job of its own.
        let bytesLeft = Self.bytesNearEnd / max(1, rows / Self.fewRows)
        let left = min(panels, max(1, bytesLeft / weights.panelByteCount))
        let mark = nearEnd == nil ? panels : (panels - left) / unit * unit
        weights.withPanels { start in
            let operands = ProductOperands(weights, start, input.prepared, bias, output)
            for (index, some) in [0..<mark, mark..<panels].enumerated() {
                if index == 1 { nearEnd?() }
                run(
                    some.count, of: unit, multiplyAdds: rows * weights.depth * some.count * width,
                    partsPerThread: rows <= Self.fewRows ? Self.manyParts : Self.fewParts
                ) { [kernels] range in
                    let range = some.lowerBound + range.lowerBound..<some.lowerBound + range.upperBound
                    operands.multiply(range, kernels)
                    finish(range.lowerBound * width..<min(columns, range.upperBound * width))
                }
            }
        }
    }
}
