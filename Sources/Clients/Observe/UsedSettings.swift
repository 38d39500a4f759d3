import Messages

/// What a generation ran with, for records of it.
package struct UsedSettings: Sendable, Equatable {
    /// How its tokens were sampled.
    package struct Sampling: Sendable, Equatable, Encodable {
        package let temperature: Float
        package let topK: UInt32
        package let topP: Float
        package let minP: Float
        package let repetitionPenalty: Float
        package let presencePenalty: Float
        package let frequencyPenalty: Float
        package let seed: UInt64
    }

    /// nil where the request sampled nothing.
    package let sampling: Sampling?
    /// The model's tokens that ended a text.
    package let endTokens: [Int32]
    package let numericsVersion: UInt32

    package init(_ accepted: Accepted) {
        sampling = accepted.sampling.map {
            Sampling(
                temperature: $0.temperature, topK: $0.topK, topP: $0.topP, minP: $0.minP,
                repetitionPenalty: $0.repetitionPenalty, presencePenalty: $0.presencePenalty,
                frequencyPenalty: $0.frequencyPenalty, seed: $0.seed)
        }
        endTokens = accepted.endTokens
        numericsVersion = accepted.numericsVersion
    }
}
