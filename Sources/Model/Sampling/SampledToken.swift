/// A token and its log-probability in the model's own distribution.
public struct TokenLogprob: Sendable, Equatable {
    public var token: Int32
    /// Natural logarithm of the probability.
    public var logprob: Float

    public init(token: Int32, logprob: Float) {
        self.token = token
        self.logprob = logprob
    }
}

/// A token that was chosen or scored. Log-probabilities are those of the model itself: the log-softmax of the raw
/// logits, before logit bias, penalties, temperature and filters.
public struct SampledToken: Sendable, Equatable {
    public var token: Int32
    /// Natural logarithm of the token's probability.
    public var logprob: Float
    /// The most probable tokens, most probable first and lower id first among equals; as many as were asked for.
    public var alternatives: [TokenLogprob]

    public init(token: Int32, logprob: Float, alternatives: [TokenLogprob]) {
        self.token = token
        self.logprob = logprob
        self.alternatives = alternatives
    }
}
