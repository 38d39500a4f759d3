import Wire

/// When each request's first tokens went out, and how fast those after them do. Times are milliseconds of the
/// coordinator's clock.
package struct RequestPaces {
    private struct Pace {
        let first: UInt64
        var last: UInt64
        // Tokens after those of the first moment.
        var later = 0
    }

    private var paces: [RequestKey: Pace] = [:]

    package init() {}

    /// Something is sent to a client.
    package mutating func note(_ body: WireMessage.Body, to client: ClientID, now: UInt64) {
        let (requestID, tokens): (UInt64, Int)
        switch body {
        case .piece(let piece): (requestID, tokens) = (piece.requestID, piece.tokens.count)
        case .scorePiece(let piece): (requestID, tokens) = (piece.requestID, piece.scores.count)
        default: return
        }
        guard tokens > 0 else { return }
        var pace = paces[RequestKey(client: client, requestID: requestID)] ?? Pace(first: now, last: now)
        if now > pace.first { pace.later += tokens }
        pace.last = now
        paces[RequestKey(client: client, requestID: requestID)] = pace
    }

    /// Forgets the requests that have ended.
    package mutating func keepOnly(_ isActive: (_ client: ClientID, _ requestID: UInt64) -> Bool) {
        paces = paces.filter { isActive($0.key.client, $0.key.requestID) }
    }

    /// A request's status with what is known here.
    /// - Parameter begun: when it came.
    package func complete(_ status: RequestStatus, of client: ClientID, begun: UInt64) -> RequestStatus {
        var status = status
        status.client = client.suffix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        guard let pace = paces[RequestKey(client: client, requestID: status.requestID)] else { return status }
        status.firstTokenMilliseconds = pace.first - min(begun, pace.first)
        if pace.last > pace.first {
            status.tokensPerSecond = Double(pace.later) * 1_000 / Double(pace.last - pace.first)
        }
        return status
    }
}
