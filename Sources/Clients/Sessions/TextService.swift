import Messages

/// Where text is continued and scored: a cluster, or a model in the same process.
///
/// Requests may run side by side. The service numbers them itself: the `requestID` of a message given to it does not
/// count.
public protocol TextService: Sendable {
    /// Asks for continuations of a prompt: sends the request at once.
    /// - Returns: what comes of it. The stream ends when all sequences have.
    func generate(_ request: Generate) -> ReplyStream<GenerationEvent>

    /// Asks for the log-probability of every token of a text: sends the request at once.
    /// - Returns: what comes of it. The stream ends when the whole text is scored.
    func score(_ request: Score) -> ReplyStream<ScoreEvent>

    /// The tokens of a text, and what is to be said of it.
    /// - Throws: ``RequestError``, what the connection ended with, `CancellationError`.
    func tokenize(_ prompt: Prompt) async throws -> Tokenized

    /// The text of tokens, in UTF-8.
    /// - Throws: ``RequestError``, what the connection ended with, `CancellationError`.
    func detokenize(_ tokens: [Int32]) async throws -> [UInt8]

    /// Ends the service; what has not ended fails.
    func close() async
}

/// A cluster, which can also be watched.
public protocol ClusterService: TextService {
    /// Workers, plan and requests as they are now.
    /// - Throws: ``RequestError``, what the connection ended with, `CancellationError`.
    func status() async throws -> Status

    /// The batches that ended since an earlier answer.
    /// - Parameter after: ``Messages/Trace/next`` of that answer; 0: begin here.
    /// - Throws: ``RequestError``, what the connection ended with, `CancellationError`.
    func trace(after: UInt64) async throws -> Trace
}
