extension Backend {
    /// Sets each row of `output` to the layer norm of that row of `input` [rows, width], times `scale`, plus `shift`,
    /// both [1, width].
    public func layerNorm(
        _ input: Matrix, scale: Matrix, shift: Matrix, epsilon: Float, into output: ProductInput
    ) {
        let (width, prepared) = (input.columns, output.prepared)
        precondition(input.rows == prepared.rows && width == prepared.depth, "shape of a layer norm")
        precondition(scale.columns == width && shift.columns == width, "width of a layer norm")
        let (x, scale, shift) = (input.memory, scale.memory, shift.memory)
        // Work is divided by rows, never within a row's sums, so the number of threads does not change the result.
        team.run(input.rows, of: 1, multiplyAdds: input.rows * width * 4) { [kernels] range in
            let offset = range.lowerBound * width
            kernels.layerNorm(
                x.floats + offset, rows: range.count, width: width, scale: scale.floats, shift: shift.floats,
                epsilon: epsilon, prepared.floats.floats + offset)
            prepared.prepare(rows: range, columns: 0..<width, kernels)
        }
    }
}
