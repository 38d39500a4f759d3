/// What coordinator and worker say to each other on the control link.
public enum ControlMessage: Sendable, Equatable {
    case hello(Hello)
    case welcome(Welcome)
    case refused(reason: String)
    case assignment(Assignment)
    case ready(Ready)
    case heartbeat(Heartbeat)
    case measure
    case measured([Speed])
    /// No sequence of these batches is wanted any more.
    case cancelBatches(batchIDs: [UInt64])
    case drain
    case bye(reason: String?)
    case fault(reason: String, fatal: Bool)
}

/// What goes down a pipeline, from the coordinator through its stages and back.
public enum DataMessage: Sendable, Equatable {
    case batch(Batch)
    case batchResult(BatchResult)
    /// A batch or its result follows within about a millisecond; its number, where it has one.
    case announcement(batchID: UInt64?)
}

/// What a client asks.
public enum ClientRequest: Sendable, Equatable {
    case generate(Generate)
    case score(Score)
    case cancel(requestID: UInt64)
    /// So many more pieces may be sent.
    case credit(requestID: UInt64, pieces: UInt32)
    /// The requests that the client believes to be running.
    case waiting(requestIDs: [UInt64])
    case tokenize(requestID: UInt64, prompt: Prompt)
    case detokenize(requestID: UInt64, tokens: [Int32])
    case statusRequest(requestID: UInt64)
    case traceRequest(requestID: UInt64, after: UInt64)
    case heartbeat(Heartbeat)

    /// The request that a message is about; nil where it is about none.
    public var requestID: UInt64? {
        switch self {
        case .generate(let generate): generate.requestID
        case .score(let score): score.requestID
        case .cancel(let id), .credit(let id, _), .tokenize(let id, _), .detokenize(let id, _), .statusRequest(let id),
            .traceRequest(let id, _):
            id
        case .waiting, .heartbeat: nil
        }
    }
}

/// What a client is answered.
public enum ClientReply: Sendable, Equatable {
    case accepted(Accepted)
    case piece(Piece)
    case done(Done)
    case scorePiece(ScorePiece)
    case failure(Failure)
    case tokenized(Tokenized)
    case detokenized(requestID: UInt64, text: [UInt8])
    case status(Status)
    case trace(Trace)
    case heartbeat(Heartbeat)

    /// The request that a message answers; nil where it answers none.
    public var requestID: UInt64? {
        switch self {
        case .accepted(let accepted): accepted.requestID
        case .piece(let piece): piece.requestID
        case .done(let done): done.requestID
        case .scorePiece(let piece): piece.requestID
        case .failure(let failure): failure.requestID
        case .tokenized(let tokenized): tokenized.requestID
        case .detokenized(let id, _): id
        case .status(let status): status.requestID
        case .trace(let trace): trace.requestID
        case .heartbeat: nil
        }
    }
}
