import Kernels

/// Turns logits into tokens. Everything here is a pure function of its arguments: the same call gives the same bits on
/// any machine, in any order, alone or in a batch.
public enum Sampler {
    /// Chooses the next token of a sequence.
    ///
    /// First the logit bias is added. Then the repetition penalty is applied to the tokens of the prompt and the
    /// generated text, and the presence and frequency penalties to those of the generated text. At temperature 0 the
    /// token with the greatest resulting logit is chosen.
    ///
    /// Otherwise the logits are divided by the temperature, and top-k, then top-p, then min-p filter the candidates,
    /// each working on what the previous one kept. The token with the greatest sum of score and Gumbel noise is chosen;
    /// the noise depends only on seed, sequence index, position and token id. So a token is sampled with its
    /// probability among the candidates. Ties always go to the lowest id.
    ///
    /// Tokens of `unused` are no candidates, whatever bias and penalties make of their logits; the log-probabilities
    /// reported are still those of the whole distribution.
    ///
    /// - Parameters:
    ///   - logits: The model's logits, [vocabulary size].
    ///   - history: The tokens of the sequence so far; used only if a penalty is set.
    ///   - place: Which token of which sequence is sampled.
    ///   - alternatives: How many of the most probable tokens to report.
    ///   - unused: Tokens that are never chosen; nil where all may be.
    /// - Throws: `SamplingError` for parameters out of range, unknown tokens and logits that are not finite.
    public static func sample(
        logits: Span<Float>, parameters: SamplingParameters, history: TokenHistory, at place: SamplePosition,
        alternatives: Int, unused: TokenSet? = nil
    ) throws(SamplingError) -> SampledToken {
        try parameters.validate()
        try check(alternatives)
        let distribution = try LogSoftmax(logits: logits)
        if let unused, unused.vocabularySize != logits.count {
            throw .tokenSet(reason: "they are of \(unused.vocabularySize) tokens, and there are \(logits.count) logits")
        }
        let adjustment = try LogitAdjustment(
            parameters: parameters, history: history, vocabularySize: logits.count)
        let token: Int32
        if adjustment.changesNothing {
            token = choose(logits, parameters, at: place, but: unused)
        } else {
            let adjusted = adjustment.applied(to: logits)
            token = choose(adjusted.span, parameters, at: place, but: unused)
        }
        return distribution.describe(token: token, logits: logits, alternatives: alternatives)
    }

    /// The log-probability of a given token, and the `alternatives` most probable tokens.
    ///
    /// - Parameter logits: The model's logits, [vocabulary size].
    /// - Throws: `SamplingError` for a target outside the vocabulary and logits that are not finite.
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

    /// The tokens that the filters keep.
    package static func keptTokens(
        logits: [Float], parameters: SamplingParameters
    ) -> [Int32] {
        candidates(logits: logits.span, parameters: parameters).tokens
    }

    private static func choose(
        _ logits: Span<Float>, _ parameters: SamplingParameters, at place: SamplePosition, but unused: TokenSet?
    ) -> Int32 {
        guard let tokens = unused?.others else { return choose(logits, parameters, at: place, among: nil) }
        // Only these logits are looked at from here on, so no step can bring another token back.
        let kept = tokens.map { logits[Int($0)] }
        return choose(kept.span, parameters, at: place, among: tokens)
    }

    /// - Parameter tokens: those that the logits are of; nil: the whole vocabulary.
    private static func choose(
        _ logits: Span<Float>, _ parameters: SamplingParameters, at place: SamplePosition, among tokens: [Int32]?
    ) -> Int32 {
        if parameters.temperature == 0 {
            let index = greatest(logits)
            return tokens?[Int(index)] ?? index
        }
        return candidates(logits: logits, parameters: parameters, tokens: tokens)
            .sample(seed: parameters.seed, at: place)
    }

    private static func candidates(
        logits: Span<Float>, parameters: SamplingParameters, tokens: [Int32]? = nil
    ) -> Candidates {
        var candidates = Candidates(logits: logits, temperature: parameters.temperature, tokens: tokens)
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
