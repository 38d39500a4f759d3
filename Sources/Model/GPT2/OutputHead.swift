import Kernels
import ModelFiles

/// The final layer norm and the output head, which is the token embedding where the checkpoint has no `lm_head.weight`.
struct OutputHead {
    private let norm: LayerNormWeights
    let weights: PackedMatrix
    private let epsilon: Float

    init(_ loader: WeightLoader, tied: Bool, _ configuration: GPT2Configuration) throws(GPT2Error) {
        norm = try LayerNormWeights(loader, "ln_f", width: configuration.width)
        weights = try loader.packed(
            tied ? "wte.weight" : "lm_head.weight", depth: configuration.width,
            columns: configuration.vocabularySize, layout: .outputMajor)
        epsilon = configuration.layerNormEpsilon
    }

    var byteCount: Int { norm.byteCount + weights.byteCount }

    /// Logits [rows, vocabulary size] of activations [rows, width].
    func logits(
        _ activations: Matrix, _ team: ThreadTeam, _ pool: MatrixPool, nearEnd: (() -> Void)? = nil
    ) -> Matrix {
        let normal = ProductInput(
            rows: activations.rows, depth: activations.columns, for: weights.type, from: pool)
        team.layerNorm(activations, scale: norm.scale, shift: norm.shift, epsilon: epsilon, into: normal)
        let logits = pool.matrix(rows: activations.rows, columns: weights.columns)
        team.multiply(normal, by: weights, bias: nil, into: logits, nearEnd: nearEnd)
        return logits
    }
}
