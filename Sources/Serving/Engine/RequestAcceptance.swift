import Messages

extension ServedModel {
    /// How a generation samples: as it asks, else as the model's files say.
    /// Seeds that a client did not choose are below 2^53, which programs that have numbers as doubles keep exactly.
    private static let largestOwnSeed: UInt64 = 1 << 53 - 1

    /// - Parameter newSeed: gives the seed where it brings none.
    func sampling(of request: Generate, newSeed: () -> UInt64) -> SamplingSettings {
        var settings = request.parameters.resolved(defaults: samplingDefaults)
        settings.seed = request.parameters.seed ?? newSeed() & Self.largestOwnSeed
        return settings
    }

    /// The model's own tokens that end a generation.
    func endTokens(of request: Generate) -> [Int32] { request.ignoreEndOfText ? [] : endTokens }

    /// What the client of a generation hears first.
    /// - Parameter warnings: of its prompt.
    func accepted(
        _ request: Generate, promptTokens: Int, sampling: SamplingSettings, warnings: [String]
    ) -> ClientReply {
        accepted(request.requestID, promptTokens: promptTokens, warnings: warnings + notices) {
            $0.sampling = sampling
            $0.endTokens = endTokens(of: request)
        }
    }

    /// What the client of a text to score hears first.
    /// - Parameter warnings: of its text.
    func accepted(_ request: Score, promptTokens: Int, warnings: [String]) -> ClientReply {
        accepted(request.requestID, promptTokens: promptTokens, warnings: warnings) { _ in }
    }

    private func accepted(
        _ requestID: UInt64, promptTokens: Int, warnings: [String], _ fill: (inout Accepted) -> Void
    ) -> ClientReply {
        var accepted = Accepted(
            requestID: requestID, promptTokens: UInt32(promptTokens), numericsVersion: numericsVersion,
            modelSHA256: digests.identity, tokenizerSHA256: digests.tokenizer, fill)
        accepted.warnings = Array(warnings.prefix(Accepted.mostWarnings))
        return .accepted(accepted)
    }

    /// What is to be said of a prompt.
    func warnings(of prompt: Prompt) -> [String] {
        guard case .text(let text) = prompt.content, !prompt.specialTokens else { return [] }
        return tokenizer.warning(ofSpecialTokensIn: text).map { [$0] } ?? []
    }
}
