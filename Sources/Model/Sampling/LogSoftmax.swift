import Kernels

/// The model's own distribution over the vocabulary.
struct LogSoftmax {
    private let maximum: Float
    /// log Σ exp(logit - maximum), kept apart from the maximum because their sum would round away its last digits.
    private let logSum: Float

    /// Throws if there are no logits or one is not finite, and names that one.
    init(logits: Span<Float>) throws(SamplingError) {
        guard !logits.isEmpty else { throw .noLogits }
        if !VectorMath.allFinite(logits) {
            for index in logits.indices where !logits[index].isFinite {
                throw .nonFiniteLogit(token: index, value: "\(logits[index])")
            }
        }
        maximum = VectorMath.maximum(logits)
        logSum = VectorMath.log(VectorMath.sumOfExponentials(logits, offset: maximum))
    }

    /// The log-probability of a token with this logit.
    func logProbability(ofLogit logit: Float) -> Float {
        (logit - maximum) - logSum
    }

    /// A token with its log-probability and the `alternatives` most probable ones.
    func describe(token: Int32, logits: Span<Float>, alternatives: Int) -> SampledToken {
        var ranked: [TokenLogprob] = []
        for index in Ranking.first(alternatives, of: logits) {
            ranked.append(TokenLogprob(token: Int32(index), logprob: logProbability(ofLogit: logits[index])))
        }
        return SampledToken(
            token: token, logprob: logProbability(ofLogit: logits[Int(token)]), alternatives: ranked)
    }
}
