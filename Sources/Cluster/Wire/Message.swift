/// The versions of the wire contract that this program speaks.
public enum ProtocolVersion {
    public static let current: UInt32 = 1
    public static let supported: ClosedRange<UInt32> = 1...1
}

/// One message of `proto/`: the header frame and the raw tensor frames behind it.
public struct WireMessage: Sendable, Equatable {
    public var version: UInt32
    /// Random number of the coordinator's life; 0 from a peer that has not heard it.
    public var incarnation: UInt64
    /// Number of the plan the message belongs to; 0 where none is meant.
    public var epoch: UInt64
    /// 1, 2, 3 … on each data link within an epoch; nil elsewhere.
    public var linkSequence: UInt64?
    public var body: Body
    /// Raw little-endian tensors.
    public var tensors: [[UInt8]]

    public init(
        _ body: Body, incarnation: UInt64 = 0, epoch: UInt64 = 0, linkSequence: UInt64? = nil, tensors: [[UInt8]] = [],
        version: UInt32 = ProtocolVersion.current
    ) {
        self.version = version
        self.incarnation = incarnation
        self.epoch = epoch
        self.linkSequence = linkSequence
        self.body = body
        self.tensors = tensors
    }

    /// What the message says; one case for each member of `Message.body`.
    public enum Body: Sendable, Equatable {
        case hello(Hello)
        case welcome(Welcome)
        case refused(reason: String)
        case assignment(Assignment)
        case ready(Ready)
        case heartbeat(Heartbeat)
        case measure
        case measured([Speed])
        case abandon(batchIDs: [UInt64])
        case drain
        case bye(reason: String?)
        case fault(reason: String, fatal: Bool)

        case batch(Batch)
        case batchResult(BatchResult)
        /// A batch or its result follows within about a millisecond; its number, where it has one.
        case announcement(batchID: UInt64?)

        case generate(Generate)
        case score(Score)
        case cancel(requestID: UInt64)
        case credit(requestID: UInt64, pieces: UInt32)
        case waiting(requestIDs: [UInt64])
        case tokenize(requestID: UInt64, prompt: Prompt)
        case detokenize(requestID: UInt64, tokens: [Int32])
        case statusRequest(requestID: UInt64)
        case traceRequest(requestID: UInt64, after: UInt64)
        case piece(Piece)
        case done(Done)
        case scorePiece(ScorePiece)
        case failure(Failure)
        case tokenized(requestID: UInt64, tokens: [Int32])
        case detokenized(requestID: UInt64, text: [UInt8])
        case status(Status)
        case trace(Trace)
    }
}
