/// The performance of a simulated cluster.
public struct SimulatedOutcome: Sendable, Equatable {
    /// Tokens a second of all streams together, while all of them decode: from the last stream's first token until the
    /// first stream's last.
    public var decodeTokensPerSecond: Double
    /// The same, from the first prompt to the last token.
    public var tokensPerSecond: Double
    /// Tokens a second that the busiest machine or the round trips of streams allow, at the mean rows of batches.
    public var boundTokensPerSecond: Double
    /// Mean rows of a batch of single tokens.
    public var rowsPerBatch: Double
    /// Mean number of batches in flight, of all pipelines together.
    public var batchesInFlight: Double
    /// Milliseconds until a stream's first token: the median, and the longest.
    public var medianFirstToken: Double
    public var longestFirstToken: Double
    /// Milliseconds between two tokens of a stream while all streams decode: the median, and the longest.
    public var medianGap: Double
    public var longestGap: Double
    /// The part of that time in which each stage computed, pipeline by pipeline.
    public var stageBusy: [[Double]]

    /// The decoding rate, divided by the possible one.
    public var share: Double { boundTokensPerSecond > 0 ? decodeTokensPerSecond / boundTokensPerSecond : 0 }
}
