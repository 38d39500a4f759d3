import Observe

/// What many clients saw in the same time; as JSON with names in snake case.
package struct LoadReport: Encodable, Sendable {
    /// Parts of the time after which memory is looked at.
    package static let memoryShares = [0.2, 0.6, 1]

    /// Memory of a process after each of ``memoryShares``, in bytes.
    package struct Memory: Encodable, Sendable {
        package let process: String
        package var resident: [Int] = []
        /// Of it, what belongs to no file: without the pages of mapped weights.
        package var anonymous: [Int] = []

        package init(process: String) { self.process = process }
    }

    package let clients: Int
    package let seconds: Int
    package let requests: Int
    package let errors: Int
    package let firstError: String?
    /// Tokens that came within the time.
    package let tokensPerSecond: Double
    /// Tokens of prompts whose first token came within the time.
    package let promptTokensPerSecond: Double
    package let firstTokenSeconds: Spread
    /// See ``FirstTokenIdeal``.
    package let firstTokenOverIdeal: Spread
    package let prefillTokensPerSecondAlone: Double
    package let stepMillisecondsAlone: Double
    package let stepMillisecondsUnderLoad: Double
    /// Tokens of a client's complete answers.
    package let leastTokensOfClient: Int
    package let medianTokensOfClient: Double
    package let memory: [Memory]

    /// - Parameters:
    ///   - byClient: each client's requests, with times since the load began.
    ///   - seconds: how long clients sent requests.
    package init(byClient: [[MeasuredRequest]], seconds: Int, ideal: FirstTokenIdeal, memory: [Memory]) {
        let all = byClient.flatMap { $0 }
        let answered = all.filter { $0.failure == nil }
        clients = byClient.count
        self.seconds = seconds
        requests = all.count
        errors = all.count - answered.count
        firstError = all.filter { $0.failure != nil }.min { $0.sent < $1.sent }?.failure
        let end = Double(seconds)
        tokensPerSecond = Double(all.reduce(0) { $0 + $1.times.count { $0 <= end } }) / end
        let prompts = all.filter { ($0.times.first ?? .infinity) <= end }
        promptTokensPerSecond = Double(prompts.reduce(0) { $0 + $1.promptTokens }) / end
        firstTokenSeconds = Spread(all.compactMap(\.firstTokenSeconds))
        var loaded = ideal
        loaded.stepSeconds = max(ideal.stepSeconds, FirstTokenIdeal.step(of: answered))
        firstTokenOverIdeal = Spread(loaded.ratios(all))
        stepMillisecondsUnderLoad = 1_000 * loaded.stepSeconds
        prefillTokensPerSecondAlone = ideal.prefillTokensPerSecond
        stepMillisecondsAlone = 1_000 * ideal.stepSeconds
        let tokens = byClient.map { client in
            client.filter { $0.failure == nil }.reduce(0) { $0 + $1.tokens.count }
        }
        leastTokensOfClient = tokens.min() ?? 0
        medianTokensOfClient = median(tokens.map(Double.init))
        self.memory = memory
    }
}
