/// What clients ask of a simulated cluster: streams that all come at once.
public struct SimulatedLoad: Sendable, Equatable {
    public var streams: Int
    public var promptTokens: Int
    /// Tokens that each stream draws.
    public var drawnTokens: Int

    public init(streams: Int, promptTokens: Int, drawnTokens: Int) {
        self.streams = streams
        self.promptTokens = promptTokens
        self.drawnTokens = drawnTokens
    }

    /// Positions that a stream comes to have.
    var context: Int { promptTokens + drawnTokens }
}

/// What a simulated cluster did.
public struct SimulatedOutcome: Sendable, Equatable {
    /// Tokens a second of all streams together, from when each had its first token until the first had its last.
    public var decodeTokensPerSecond: Double
    /// The same, from the first prompt to the last token.
    public var tokensPerSecond: Double
    /// What the busiest machine or the streams' round trips allow, at the rows that batches had.
    public var boundTokensPerSecond: Double
    /// Rows of a batch of single tokens, on average.
    public var rowsPerBatch: Double
    /// Batches under way, on average, of all pipelines.
    public var batchesInFlight: Double
    /// Milliseconds until a stream's first token: the median, and the longest.
    public var medianFirstToken: Double
    public var longestFirstToken: Double
    /// Milliseconds between two tokens of a stream: the median, and the longest once all streams had their first.
    public var medianGap: Double
    public var longestGap: Double
    /// Of that time, the part in which each stage computed, pipeline by pipeline.
    public var stageBusy: [[Double]]

    /// Of what is possible, what was reached.
    public var share: Double { boundTokensPerSecond > 0 ? decodeTokensPerSecond / boundTokensPerSecond : 0 }
}
