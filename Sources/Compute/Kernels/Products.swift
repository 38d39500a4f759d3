// Products of activations with weights, and the elementwise operations that follow them. Each thread applies those to
// the columns it has just computed.

/// An elementwise function applied to a product after its bias.
public enum Activation: Sendable, CaseIterable {
    case none
    /// GELU by the hyperbolic tangent (Hendrycks and Gimpel, arXiv:1606.08415).
    case geluByTanh
    /// GELU by the error function.
    case geluByErf
    /// The greater of x and 0.
    case relu
    /// x times the logistic function of x.
    case silu

    fileprivate func apply(_ part: ProductPart, _ kernels: any KernelSet.Type) {
        for row in 0..<part.rows {
            switch self {
            case .none: break
            case .geluByTanh: kernels.geluByTanh(part[row], count: part.columns.count)
            case .geluByErf: kernels.geluByErf(part[row], count: part.columns.count)
            case .relu: kernels.relu(part[row], count: part.columns.count)
            case .silu: kernels.silu(part[row], count: part.columns.count)
            }
        }
    }
}

/// Some columns of all rows of a product, as the thread that computed them passes them on.
private struct ProductPart {
    /// The first of the columns in row 0.
    let values: UnsafeMutablePointer<Float>
    /// Floats from one row to the next.
    let stride: Int
    let rows: Int
    let columns: Range<Int>

    subscript(row: Int) -> UnsafeMutablePointer<Float> { values + row * stride }
}

extension Backend {
    /// Sets `output` [rows, columns] to `activation`(`input` [rows, depth] × `weights` [depth, columns] + `bias` [1,
    /// columns]). A row with a non-finite value gives NaN in all its outputs. `nearEnd` is called once when few of the
    /// weights are left.
    public func multiply(
        _ input: ProductInput, by weights: PackedMatrix, bias: Matrix?, then activation: Activation = .none,
        into output: Matrix, nearEnd: (() -> Void)? = nil
    ) {
        multiply(input, by: weights, bias: bias, into: output, isKept: true, nearEnd: nearEnd) { [kernels] part in
            activation.apply(part, kernels)
        }
    }

    /// The same into the input of another product.
    public func multiply(
        _ input: ProductInput, by weights: PackedMatrix, bias: Matrix?, then activation: Activation = .none,
        into output: ProductInput
    ) {
        let prepared = output.prepared
        multiply(
            input, by: weights, bias: bias, into: output.values, isKept: prepared.quantized == nil,
            columnsTogether: prepared.columnsTogether
        ) { [kernels] part in
            activation.apply(part, kernels)
            prepared.prepare(
                rows: 0..<part.rows, columns: part.columns, of: part.values, stride: part.stride, kernels)
        }
    }

    /// Adds the product and its bias to `sum` [rows, columns]. `product` [rows, columns] is a scratch buffer, used if
    /// the rows are few. `nearEnd` is called once when few of the weights are left.
    public func multiply(
        _ input: ProductInput, by weights: PackedMatrix, bias: Matrix?, addingTo sum: Matrix, product: Matrix,
        nearEnd: (() -> Void)? = nil
    ) {
        precondition(sum.rows == product.rows && sum.columns == product.columns, "shape of a sum")
        let (sum, columns) = (sum.memory, sum.columns)
        multiply(input, by: weights, bias: bias, into: product, isKept: false, nearEnd: nearEnd) { [kernels] part in
            for row in 0..<part.rows {
                let place = sum.floats + (row * columns + part.columns.lowerBound)
                kernels.add(part[row], to: place, count: part.columns.count)
            }
        }
    }

    /// Quantizes an input's floats if it is for quantized weights.
    public func quantize(_ input: ProductInput) {
        let prepared = input.prepared
        guard prepared.quantized != nil else { return }
        team.run(
            prepared.depth, of: prepared.columnsTogether, multiplyAdds: prepared.rows * prepared.depth * 4
        ) { [kernels] range in
            prepared.prepare(rows: 0..<prepared.rows, columns: range, kernels)
        }
    }

    /// Up to so many rows, parts of a product are small, so that no thread waits long for another: the less there is to
    /// compute, the more a thread's time depends on when its weights arrive from memory.
    private static var fewRows: Int { 16 }
    /// Bytes of weights left when the end of a product of few rows is near: reading them takes about a tenth of a
    /// millisecond.
    private static var bytesNearEnd: Int { 4 << 20 }

    /// Calls `finish` with each part once it is computed. Parts start at multiples of `columnsTogether`. Unless
    /// `isKept`, results need not be written to `output`.
    private func multiply(
        _ input: ProductInput, by weights: PackedMatrix, bias: Matrix?, into output: Matrix, isKept: Bool,
        columnsTogether: Int = 1, nearEnd: (() -> Void)? = nil, finish: @escaping @Sendable (ProductPart) -> Void
    ) {
        let (rows, columns) = (input.values.rows, weights.columns)
        precondition(input.values.columns == weights.depth && output.columns == columns, "columns of a product")
        precondition(rows == output.rows && (bias?.columns ?? columns) == columns, "rows of a product")
        precondition(input.prepared.type.groupSize == weights.type.groupSize, "input for weights of another type")
        let width = PackedType.panelWidth
        let panels = (columns + width - 1) / width
        let atATime = kernels.panelsAtATime(rows: rows, type: weights.type.code)
        let together = max(1, columnsTogether / width)
        let unit = together % atATime == 0 ? together : together * atATime
        // The calling thread has to be free to call `nearEnd`, so the rest is a job of its own.
        let bytesLeft = Self.bytesNearEnd / max(1, rows / Self.fewRows)
        let left = min(panels, max(1, bytesLeft / weights.panelByteCount))
        let mark = nearEnd == nil ? panels : (panels - left) / unit * unit
        let isFew = rows <= Self.fewRows
        weights.withPanels { start in
            let operands = ProductOperands(weights, start, input.prepared, bias, output)
            for (index, some) in [0..<mark, mark..<panels].enumerated() {
                if index == 1 { nearEnd?() }
                team.run(
                    some.count, of: unit, multiplyAdds: rows * weights.depth * some.count * width,
                    partsPerThread: isFew ? ThreadTeam.manyParts : ThreadTeam.fewParts
                ) { [kernels] range in
                    let range = some.lowerBound + range.lowerBound..<some.lowerBound + range.upperBound
                    // A scratch buffer is no faster for few rows.
                    if isFew || isKept {
                        operands.makePart(range, kernels, finish)
                    } else {
                        operands.makePartsInScratch(range, unit: unit, kernels, finish)
                    }
                }
            }
        }
    }
}

extension ProductOperands {
    /// Bytes of outputs that fit the second-level cache beside weights and activations. A scratch buffer holds at least
    /// one unit of panels, however many the rows are.
    private static var scratchByteCount: Int { 256 << 10 }

    /// Computes the outputs of the panels in place and passes them to `body`.
    fileprivate func makePart(
        _ panelRange: Range<Int>, _ kernels: any KernelSet.Type, _ body: (ProductPart) -> Void
    ) {
        multiply(panelRange, kernels)
        let range = columnRange(panelRange)
        let values = output.floats + range.lowerBound
        body(ProductPart(values: values, stride: columns, rows: rows, columns: range))
    }

    /// The same in a scratch buffer, for as many multiples of `unit` panels at a time as fit the caches: rows of the
    /// output are far apart, and stores there would first have to fetch their lines from memory.
    fileprivate func makePartsInScratch(
        _ panelRange: Range<Int>, unit: Int, _ kernels: any KernelSet.Type, _ body: (ProductPart) -> Void
    ) {
        let panelBytes = rows * PackedType.panelWidth * MemoryLayout<Float>.stride
        let atATime = max(1, Self.scratchByteCount / panelBytes / unit) * unit
        let most = columnRange(0..<min(atATime, panelRange.count)).count
        withUnsafeTemporaryAllocation(byteCount: rows * most * MemoryLayout<Float>.stride, alignment: 64) { scratch in
            let values = scratch.baseAddress!.assumingMemoryBound(to: Float.self)
            for first in stride(from: panelRange.lowerBound, to: panelRange.upperBound, by: atATime) {
                let some = first..<min(first + atATime, panelRange.upperBound)
                let range = columnRange(some)
                multiply(some, into: values, scratchColumns: range.count, kernels)
                body(ProductPart(values: values, stride: range.count, rows: rows, columns: range))
            }
        }
    }

    private func columnRange(_ panels: Range<Int>) -> Range<Int> {
        panels.lowerBound * PackedType.panelWidth..<min(columns, panels.upperBound * PackedType.panelWidth)
    }
}
