import Engine

/// When each client with a request under way was last heard of.
struct ClientPresence {
    private let patienceMilliseconds: UInt64
    private var heard: [ClientID: UInt64] = [:]

    init(patience: Duration) { patienceMilliseconds = UInt64(patience.components.seconds) * 1_000 }

    /// A message came from a client; only one that `hasRequests` is remembered.
    mutating func heard(_ client: ClientID, hasRequests: Bool, now: UInt64) { heard[client] = hasRequests ? now : nil }

    mutating func forget(_ client: ClientID) { heard[client] = nil }

    /// Clients that have been silent for too long; they are forgotten.
    mutating func takeSilent(now: UInt64) -> [ClientID] {
        let silent = heard.filter { now - min(now, $0.value) > patienceMilliseconds }.map(\.key)
        for client in silent { heard[client] = nil }
        return silent
    }
}
