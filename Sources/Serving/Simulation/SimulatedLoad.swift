/// The load of a simulated cluster: streams that all arrive at once.
public struct SimulatedLoad: Sendable, Equatable {
    public var streams: Int
    public var promptTokens: Int
    /// Tokens that are sampled for each stream.
    public var sampledTokens: Int

    public init(streams: Int, promptTokens: Int, sampledTokens: Int) {
        self.streams = streams
        self.promptTokens = promptTokens
        self.sampledTokens = sampledTokens
    }

    /// Positions of a stream in the end.
    var context: Int { promptTokens + sampledTokens }
}
