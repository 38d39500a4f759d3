/// What one request may ask for.
public struct RequestLimits: Sendable, Equatable {
    /// Of a text, to continue, score or tokenize: the coordinator tokenizes that in well under a second.
    public var promptBytes = 2 << 20
    public var sequences = 64
    public var stopStrings = 16
    public var stopStringBytes = 1_024
    public var stopTokens = 64
    public var alternatives = 20
    public var logitBiases = 1_024
    public var requestsPerClient = 256
    /// Requests under way, of all clients.
    public var requests = 4_096
    /// Tokens of all texts that are being scored, together.
    public var scoringTokens = 8 << 20
    public var clients = 1_024
    /// Bytes of all texts that wait to be tokenized, and of those of one client.
    public var waitingTextBytes = 256 << 20
    public var waitingTextBytesPerClient = 128 << 20

    public init() {}
}
