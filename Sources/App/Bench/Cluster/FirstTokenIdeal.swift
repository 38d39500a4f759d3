import Observe

/// How soon a request's first token could be there: the prompt tokens before it and its own ÷ the prefill rate, and one
/// step under that load: a batch is under way when a request comes. Before it are the prompts of requests that had been sent and had not had their first token when it was sent;
/// they count whole, for a client does not see how much of them was done.
package struct FirstTokenIdeal: Sendable {
    /// Of a long prompt alone.
    package let prefillTokensPerSecond: Double
    /// Between two tokens of a request.
    package var stepSeconds: Double

    package init(prefillTokensPerSecond: Double, stepSeconds: Double) {
        self.prefillTokensPerSecond = prefillTokensPerSecond
        self.stepSeconds = stepSeconds
    }

    /// Of requests that ran alone.
    package init(alone requests: [MeasuredRequest]) {
        prefillTokensPerSecond = median(
            requests.compactMap { request in request.firstTokenSeconds.map { Double(request.promptTokens) / $0 } })
        stepSeconds = Self.step(of: requests)
    }

    /// The median time between two tokens of a request.
    package static func step(of requests: [MeasuredRequest]) -> Double {
        median(requests.flatMap { request in zip(request.times, request.times.dropFirst()).map { $1 - $0 } })
    }

    package func seconds(promptTokens: Int, ahead: Int) -> Double {
        Double(promptTokens + ahead) / prefillTokensPerSecond + stepSeconds
    }

    /// The time to the first token ÷ the ideal, of every request that had one, in the order in which they were sent.
    package func ratios(_ requests: [MeasuredRequest]) -> [Double] {
        var unfinished: [MeasuredRequest] = []
        return requests.sorted { $0.sent < $1.sent }.compactMap { request in
            unfinished.removeAll { ($0.times.first ?? $0.ended ?? .infinity) <= request.sent }
            let ahead = unfinished.reduce(0) { $0 + $1.promptTokens }
            unfinished.append(request)
            return request.firstTokenSeconds.map { $0 / seconds(promptTokens: request.promptTokens, ahead: ahead) }
        }
    }
}
