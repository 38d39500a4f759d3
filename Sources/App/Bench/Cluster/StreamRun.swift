import Client
import Messages
import Sessions

/// Requests that are sent together, until all have been answered.
struct StreamRun {
    /// Pieces taken before more are granted.
    private static let creditStep: UInt32 = 32

    /// Where the times of its requests begin.
    let start: ContinuousClock.Instant
    private var requests: [MeasuredRequest] = []
    private var places: [UInt64: Int] = [:]
    private var piecesTaken: [UInt64: UInt32] = [:]
    private var wanted: [Int] = []
    private let endsWhenAllBegan: Bool

    /// - Parameter endsWhenAllBegan: cancel the requests once each has its first token.
    init(since start: ContinuousClock.Instant = .now, endsWhenAllBegan: Bool = false) {
        self.start = start
        self.endsWhenAllBegan = endsWhenAllBegan
    }

    /// Sends the requests and reads what comes until each has ended. Nobody else may read the channel
    /// meanwhile.
    /// - Throws: ``RequestError`` where one fails, what the channel ends with, `CancellationError`.
    mutating func run(_ messages: [Generate], on channel: any RequestChannel) async throws -> [MeasuredRequest] {
        for message in messages {
            guard case .tokens(let prompt) = message.prompt.content else { continue }
            places[message.requestID] = requests.count
            requests.append(MeasuredRequest(promptTokens: prompt.count, sent: now))
            wanted.append(Int(message.maximumTokens))
            channel.send(.generate(message))
        }
        var open = requests.count
        for try await reply in channel.replies {
            if try take(reply, channel) { open -= 1 }
            if open == 0 { return requests }
        }
        try Task.checkCancellation()
        throw RequestError("the connection ended before the answer was complete")
    }

    private var now: Double { start.duration(to: .now) / .seconds(1) }

    /// Takes a reply; whether it ends a request.
    private mutating func take(_ reply: ClientReply, _ channel: any RequestChannel) throws -> Bool {
        switch reply {
        case .piece(let piece):
            guard let place = places[piece.requestID] else { return false }
            let isFirst = requests[place].tokens.isEmpty
            requests[place].append(piece.tokens, at: now)
            grant(piece.requestID, channel)
            if endsWhenAllBegan, isFirst, requests.allSatisfy({ !$0.tokens.isEmpty }) {
                for requestID in places.keys { channel.send(.cancel(requestID: requestID)) }
            }
            return false
        case .done(let done):
            guard let place = places[done.requestID] else { return false }
            requests[place].ended = now
            guard requests[place].tokens.count == wanted[place] || endsWhenAllBegan else {
                throw RequestError(
                    "an answer ended after \(requests[place].tokens.count) of \(wanted[place]) tokens")
            }
            return true
        case .failure(let failure):
            // One that has ended is not running any more: so a coordinator says where the client's list of what it
            // waits for met the end on its way.
            guard let place = places[failure.requestID], requests[place].ended == nil else { return false }
            throw RequestError(failure.message)
        default: return false
        }
    }

    private mutating func grant(_ requestID: UInt64, _ channel: any RequestChannel) {
        piecesTaken[requestID, default: 0] += 1
        guard piecesTaken[requestID] == Self.creditStep else { return }
        piecesTaken[requestID] = 0
        channel.send(.credit(requestID: requestID, pieces: Self.creditStep))
    }
}
