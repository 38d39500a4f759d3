import Kernels

/// The steps of a layer with plain matrices.
extension Backend {
    func multiply(
        _ input: Matrix, by weights: PackedMatrix, bias: Matrix?, then activation: Activation = .none,
        into output: Matrix, nearEnd: (() -> Void)? = nil
    ) {
        let input = ProductInput(input, for: weights.type, from: MatrixPool())
        quantize(input)
        multiply(input, by: weights, bias: bias, then: activation, into: output, nearEnd: nearEnd)
    }

    func layerNorm(_ input: Matrix, scale: Matrix, shift: Matrix, epsilon: Float, into output: Matrix) {
        layerNorm(
            input, scale: scale, shift: shift, epsilon: epsilon,
            into: ProductInput(output, for: .f32, from: MatrixPool()))
    }

    func attend(
        _ projection: Matrix, layer: Int, _ batch: [CachedRows], _ cache: KeyValueCache, scale: Float? = nil,
        into output: Matrix
    ) {
        attend(
            projection, layer: layer, batch, cache, scale: scale,
            into: ProductInput(output, for: .f32, from: MatrixPool()))
    }
}
