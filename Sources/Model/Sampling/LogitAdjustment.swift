/// Logit bias and penalties, which change the logits of single tokens before all other steps.
struct LogitAdjustment {
    let parameters: SamplingParameters
    /// How often each token of the prompt and the generated text was generated; 0 for tokens only in the prompt.
    private let generatedCounts: [Int32: Int]

    /// Throws if the bias or, if it is needed, the history has tokens outside the vocabulary, or if the prompt is
    /// longer than the history.
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
    /// 4.1 (negative logits are multiplied, so that it penalises them too), then the frequency and presence penalties.
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
            // Kept finite whatever the penalties are, so that differences of logits are never NaN.
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
