extension Matrix {
    /// Replaces row `row` by column `index` of packed weights [columns, any number], or adds the column to it; for
    /// example a token's embedding from the output head. Quantized weights become integer × scale.
    public func lookUp(_ index: Int, in weights: PackedMatrix, row: Int, adding: Bool) {
        lookUp(index, in: weights, row: row, adding: adding, Processor.kernels)
    }

    /// The same with the kernels of a variant.
    package func lookUp(
        _ index: Int, in weights: PackedMatrix, row: Int, adding: Bool, _ kernels: any KernelSet.Type
    ) {
        precondition(row >= 0 && row < rows && columns == weights.depth, "row of a matrix")
        precondition(index >= 0 && index < weights.columns, "column of packed weights")
        weights.withPanels { panels in
            func lookUp(_ values: UnsafeMutablePointer<Float>) {
                kernels.lookUpColumn(
                    panels.pointer, type: weights.type.code, panelStride: weights.panelByteCount,
                    scaleBytes: weights.scaleByteCount, depth: columns, column: index, values)
            }
            guard adding else { return lookUp(pointer(row: row)) }
            withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { values in
                guard let values = values.baseAddress else { return }
                lookUp(values)
                kernels.add(values, to: pointer(row: row), count: columns)
            }
        }
    }
}
