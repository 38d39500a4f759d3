import Kernels

/// Logits to tokens. Everything here is a pure function of its arguments: the same call gives the same bits on any
/// machine, in any order, alone or beside others.
public enum Sampler {
    /// Chooses the next token of a sequence.
    ///
    /// Logit bias is added; then the repetition penalty works on the tokens of prompt and generated text, presence and
    /// frequency penalty on those of the generated text. With temperature 0 the greatest logit that results is the
    /// choice. Otherwise logits are divided by the temperature, and top-k, then top-p, then min-p keep some of the
    /// candidates, each working on what the one before left. The choice is the greatest sum of score and Gumbel noise,
    /// which depends only on seed, sequence index, position and token id; that samples a token with its probability among
    /// the candidates. Equal values go to the lowest id everywhere.
    ///
    /// - Parameters:
    ///   - logits: The model's logits, [vocabulary size].
    ///   - history: The tokens of the sequence so far; looked at only where a penalty is in use.
    ///   - alternatives: How many of the most probable tokens to report.
    /// - Throws: `SamplingError` for parameters out of range, unknown tokens and logits that are not finite.
    public static func sample(
        logits: Span<Float>, parameters: SamplingParameters, history: TokenHistory, at place: SamplePosition,
        alternatives: Int
    ) throws(SamplingError) -> SampledToken {
        try parameters.validate()
        try check(alternatives)
        let distribution = try LogSoftmax(logits: logits)
        let adjustment = try LogitAdjustment(
            parameters: parameters, history: history, vocabularySize: logits.count)
        let token: Int32
        if adjustment.changesNothing {
            token = choose(logits, parameters, at: place)
        } else {
            let adjusted = adjustment.applied(to: logits)
            token = choose(adjusted.span, parameters, at: place)
        }
        return distribution.describe(token: token, logits: logits, alternatives: alternatives)
    }

    /// The log-probability of a given token, and the `alternatives` most probable ones.
    ///
    /// - Parameter logits: The model's logits, [vocabulary size].
    /// - Throws: `SamplingError` for a target outside of the vocabulary and logits that are not finite.
    public static func score(
        logits: Span<Float>, target: Int32, alternatives: Int
    ) throws(SamplingError) -> SampledToken {
        try check(alternatives)
        let distribution = try LogSoftmax(logits: logits)
        guard target >= 0, Int(target) < logits.count else {
            throw .unknownToken(field: "target", token: target, vocabularySize: logits.count)
        }
        return distribution.describe(token: target, logits: logits, alternatives: alternatives)
    }

    /// What the filters leave of the vocabulary.
    package static func keptTokens(
        logits: [Float], parameters: SamplingParameters
    ) -> [Int32] {
        candidates(logits: logits.span, parameters: parameters).tokens
    }

    private static func choose(
        _ logits: Span<Float>, _ parameters: SamplingParameters, at place: SamplePosition
    ) -> Int32 {
        if parameters.temperature == 0 { return greatest(logits) }
        return candidates(logits: logits, parameters: parameters)
            .sample(seed: parameters.seed, at: place)
    }

    private static func candidates(logits: Span<Float>, parameters: SamplingParameters) -> Candidates {
        var candidates = Candidates(logits: logits, temperature: parameters.temperature)
        if parameters.topK > 0 { candidates.keepTop(parameters.topK) }
        if parameters.topP < 1 { candidates.keepNucleus(parameters.topP) }
        if parameters.minP > 0 { candidates.keepAtLeast(parameters.minP) }
        return candidates
    }

    private static func greatest(_ logits: Span<Float>) -> Int32 {
        let maximum = VectorMath.maximum(logits)
        for index in logits.indices where logits[index] == maximum { return Int32(index) }
        return 0
    }

    private static func check(_ alternatives: Int) throws(SamplingError) {
        guard alternatives >= 0 else {
            throw .outOfRange(field: "alternatives", value: "\(alternatives)", allowed: "0 or more")
        }
    }
}
