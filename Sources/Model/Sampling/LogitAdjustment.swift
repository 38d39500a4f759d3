/// Logit bias and penalties: what changes the logits of single tokens before anything else is done.
struct LogitAdjustment {
    let parameters: SamplingParameters
    /// How often each token of prompt and generated text was generated; 0 for those in the prompt alone.
    private let generatedCounts: [Int32: Int]

    /// Throws where the bias or, if it is needed, the history has tokens outside of the vocabulary, or where
    /// the prompt is longer than the history.
    init(
        parameters: SamplingParameters, history: TokenHistory, vocabularySize: Int
    ) throws(SamplingError) {
        try Self.check(parameters.logitBias.keys.sorted(), "logitBias", vocabularySize)
        self.parameters = parameters
        guard parameters.needsHistory else {
            generatedCounts = [:]
            return
        }
        let (tokens, promptCount) = (history.tokens, history.promptCount)
        guard (0...tokens.count).contains(promptCount) else {
            throw .outOfRange(
                field: "promptCount", value: "\(promptCount)",
                allowed: "from 0 to \(tokens.count), the history's length")
        }
        try Self.check(tokens, "history", vocabularySize)
        var counts: [Int32: Int] = [:]
        for token in tokens.prefix(promptCount) { counts[token] = 0 }
        for token in tokens.dropFirst(promptCount) { counts[token, default: 0] += 1 }
        generatedCounts = counts
    }

    /// Whether the logits stay as they are.
    var changesNothing: Bool { parameters.logitBias.isEmpty && generatedCounts.isEmpty }

    /// A copy of the logits with the bias added, then the repetition penalty of Keskar et al., "CTRL" (2019), section
    /// 4.1 (negative logits are multiplied, so that it is one for them too), then the frequency and presence penalties.
    func applied(to logits: Span<Float>) -> [Float] {
        var adjusted = logits.withUnsafeBufferPointer { [Float]($0) }

        for (token, bias) in parameters.logitBias { adjusted[Int(token)] += bias }
        for (token, count) in generatedCounts {
            var logit = adjusted[Int(token)]
            logit = logit > 0 ? logit / parameters.repetitionPenalty : logit * parameters.repetitionPenalty
            if count > 0 {
                logit -= Float(count) * parameters.frequencyPenalty
                logit -= parameters.presencePenalty
            }
            // Finite whatever the penalties, so that differences of logits are numbers.
            let limit = Float.greatestFiniteMagnitude
            adjusted[Int(token)] = min(max(logit, -limit), limit)
        }
        return adjusted
    }

    private static func check(
        _ tokens: [Int32], _ field: String, _ vocabularySize: Int
    ) throws(SamplingError) {
        for token in tokens where token < 0 || Int(token) >= vocabularySize {
            throw .unknownToken(field: field, token: token, vocabularySize: vocabularySize)
        }
    }
}
