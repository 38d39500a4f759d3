import Messages

/// Whether a request may begin beside those that are under way.
struct Admission {
    let limits: RequestLimits

    /// - Parameter texts: those that wait become requests.
    func check(
        _ key: RequestKey, _ requests: RequestTable, _ texts: TextQueue, _ clients: ClientTable
    ) throws(Refusal) {
        guard !requests.contains(key), !texts.contains(key) else {
            throw .badRequest("request \(key.requestID) is running already")
        }
        let running = clients.requestCount(of: key.client)
        guard running < limits.requestsPerClient else {
            throw .overloaded("\(running) requests of this client are running already")
        }
        let count = requests.count + texts.requests.count
        guard count < limits.requests else {
            throw .overloaded("\(count) requests are running already")
        }
        guard clients.contains(key.client) || clients.count < limits.clients else {
            throw .overloaded("\(clients.count) clients are served already")
        }
    }

    /// Whether a text of so many tokens may be scored now.
    func checkScoring(tokens: Int, _ requests: RequestTable) throws(Refusal) {
        guard requests.scoringTokens + tokens <= limits.scoringTokens else {
            throw .overloaded("texts of \(limits.scoringTokens) tokens together are being scored already")
        }
    }
}
