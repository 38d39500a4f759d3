import DequeModule
import Messages

/// One request that has not been read to its end.
struct RequestState {
    /// Waits for the next reply.
    typealias Reader = CheckedContinuation<ClientReply?, any Error>

    /// What a request is answered with.
    enum Kind {
        /// Pieces, for each of which more have to be granted sooner or later, and a `Done` for each sequence.
        case stream(sequences: UInt32, piecesPerGrant: UInt32)
        /// One reply.
        case answer
    }

    /// Replies that may wait for their reader; more than any credit given.
    private static let repliesInWaiting = 4_096

    private let grantSize: UInt32
    private let isStream: Bool
    private var openSequences: UInt32
    private var piecesTaken: UInt32 = 0
    private var replies: Deque<ClientReply> = []
    private var reader: Reader?
    /// How it ended; what still waits comes before that.
    private var end: Result<Void, any Error>?
    private var isCancelled = false

    init(_ kind: Kind) {
        switch kind {
        case .stream(let sequences, let piecesPerGrant):
            (isStream, openSequences, grantSize) = (true, sequences, piecesPerGrant)
        case .answer:
            (isStream, openSequences, grantSize) = (false, 1, .max)
        }
    }

    var hasEnded: Bool { end != nil }

    /// What a reader gets at once; nil: it has to wait.
    /// - Returns: the reply, or the end, and how many pieces are to be granted.
    mutating func take() -> (reply: Result<ClientReply?, any Error>, grant: UInt32)? {
        if let reply = replies.popFirst() { return (.success(reply), noteTaken(reply)) }
        guard let end else { return nil }
        // An error is thrown once; after it comes nothing.
        self.end = .success(())
        return (end.map { nil }, 0)
    }

    /// Holds a reader until something comes.
    mutating func wait(_ reader: Reader) {
        precondition(self.reader == nil, "a request has one reader")
        self.reader = reader
    }

    /// Takes a reply in; false where too many wait.
    mutating func append(_ reply: ClientReply) -> Bool {
        guard end == nil else { return true }
        guard replies.count < Self.repliesInWaiting else { return false }
        switch reply {
        case .failure(let failure):
            end = .failure(RequestError(failure.message, isBadRequest: failure.code == .badRequest))
        case .done:
            replies.append(reply)
            openSequences -= 1
            if openSequences == 0 { end = .success(()) }
        default:
            replies.append(reply)
            if !isStream { end = .success(()) }
        }
        return true
    }

    /// Ends it where it has not ended.
    mutating func finish(_ error: any Error) { if end == nil { end = .failure(error) } }

    /// The reader, where there is one and something for it.
    mutating func readyReader() -> Reader? {
        guard reader != nil, !replies.isEmpty || end != nil else { return nil }
        defer { reader = nil }
        return reader
    }

    /// Whether it is to be cancelled now: once, and only while it runs.
    mutating func takeCancellation() -> Bool {
        guard isStream, end == nil, !isCancelled else { return false }
        isCancelled = true
        return true
    }

    /// Pieces to be granted now that a reply is read; none to a request that has ended.
    private mutating func noteTaken(_ reply: ClientReply) -> UInt32 {
        switch reply {
        case .piece, .scorePiece: piecesTaken += 1
        default: return 0
        }
        guard end == nil, piecesTaken == grantSize else { return 0 }
        piecesTaken = 0
        return grantSize
    }
}
