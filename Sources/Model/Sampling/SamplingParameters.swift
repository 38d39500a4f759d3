/// How the next token is chosen. The steps follow the order of the fields, from logit bias and penalties to
/// temperature, top-k, top-p and min-p; `Sampler.sample` describes them.
public struct SamplingParameters: Sendable, Equatable {
    /// The most entries that `logitBias` may have.
    public static let maximumLogitBiasCount = 1_024

    /// Divides the logits; 0 takes the greatest logit (greedy). 0 to 100.
    public var temperature: Float
    /// Keeps only this many tokens with the greatest logits; 0 keeps all.
    public var topK: Int
    /// Keeps only the fewest most probable tokens whose probabilities sum to this; 1 keeps all. 0 to 1.
    public var topP: Float
    /// Keeps only tokens at least this many times as probable as the most probable one; 0 keeps all. 0 to 1.
    public var minP: Float
    /// Divides the positive and multiplies the negative logits of tokens in the prompt or the text so far; 1 does
    /// nothing. 0.01 to 100.
    public var repetitionPenalty: Float
    /// Subtracted from the logits of tokens generated so far. -100 to 100.
    public var presencePenalty: Float
    /// Subtracted from the logit of a token for each time it was generated so far. -100 to 100.
    public var frequencyPenalty: Float
    /// Added to the logits of these tokens; -100 to 100 each, where -100 practically forbids a token.
    public var logitBias: [Int32: Float]
    /// The seed of the noise: the same seed gives the same text.
    public var seed: UInt64

    /// Parameters that by default leave the model's distribution unchanged.
    public init(
        temperature: Float = 1, topK: Int = 0, topP: Float = 1, minP: Float = 0, repetitionPenalty: Float = 1,
        presencePenalty: Float = 0, frequencyPenalty: Float = 0, logitBias: [Int32: Float] = [:], seed: UInt64 = 0
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.presencePenalty = presencePenalty
        self.frequencyPenalty = frequencyPenalty
        self.logitBias = logitBias
        self.seed = seed
    }

    /// Whether a penalty is in use, so that sampling needs the tokens so far.
    public var needsHistory: Bool {
        repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0
    }

    /// Throws `SamplingError.outOfRange` with the first field that is out of range; NaN and infinity always are.
    public func validate() throws(SamplingError) {
        try require(temperature, in: 0...100, "temperature")
        guard topK >= 0 else {
            throw .outOfRange(field: "topK", value: "\(topK)", allowed: "0 (off) or more")
        }
        try require(topP, in: 0...1, "topP")
        try require(minP, in: 0...1, "minP")
        try require(repetitionPenalty, in: 0.01...100, "repetitionPenalty")
        try require(presencePenalty, in: -100...100, "presencePenalty")
        try require(frequencyPenalty, in: -100...100, "frequencyPenalty")
        guard logitBias.count <= Self.maximumLogitBiasCount else {
            throw .outOfRange(
                field: "logitBias", value: "\(logitBias.count) tokens", allowed: "at most \(Self.maximumLogitBiasCount)"
            )
        }
        // In ascending order, so that of several errors the same one is reported every time.
        for (token, bias) in logitBias.sorted(by: { $0.key < $1.key }) {
            guard token >= 0 else {
                throw .outOfRange(field: "logitBias", value: "for token \(token)", allowed: "for tokens from 0 on")
            }
            try require(bias, in: -100...100, "logitBias[\(token)]")
        }
    }

    private func require(_ value: Float, in range: ClosedRange<Float>, _ field: String) throws(SamplingError) {
        guard range.contains(value) else {
            throw .outOfRange(
                field: field, value: "\(value)", allowed: "from \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
