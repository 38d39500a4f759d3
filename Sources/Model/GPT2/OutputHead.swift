import Kernels
import ModelFiles

/// The final layer norm and the output head, whose weights may be those of the token embedding.
struct OutputHead {
    private let norm: LayerNormWeights
    let weights: PackedMatrix
    private let epsilon: Float

    init(_ loader: WeightLoader, _ configuration: GPT2Configuration) throws(ModelFileError) {
        norm = try LayerNormWeights(loader, .finalNormWeight, .finalNormBias, width: configuration.width)
        weights = try loader.packed(
            loader.weights.headRole, depth: configuration.width, columns: configuration.vocabularySize,
            layout: .outputMajor)
        epsilon = configuration.layerNormEpsilon
    }

    var byteCount: Int { norm.byteCount + weights.byteCount }

    /// Logits [rows, vocabulary size] of activations [rows, width].
    func logits(
        _ activations: Matrix, _ backend: Backend, _ pool: MatrixPool, nearEnd: (() -> Void)? = nil
    ) -> Matrix {
        let normal = ProductInput(
            rows: activations.rows, depth: activations.columns, for: weights.type, from: pool)
        backend.layerNorm(activations, scale: norm.scale, shift: norm.shift, epsilon: epsilon, into: normal)
        let logits = pool.matrix(rows: activations.rows, columns: weights.columns)
        backend.multiply(normal, by: weights, bias: nil, into: logits, nearEnd: nearEnd)
        return logits
    }
}
