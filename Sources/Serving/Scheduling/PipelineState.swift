/// The state of a pipeline, as status reports show it.
public struct PipelineState: Sendable, Equatable {
    public var stages: Int
    public var blocks: Int
    /// Blocks that no sequence uses and that hold nothing.
    public var freeBlocks: Int
    /// Blocks of the prefix cache that no sequence uses.
    public var cachedBlocks: Int
    public var batchesInFlight: Int
    /// Batches that may be in flight for the present load.
    public var inFlightLimit: Int
    /// Why the limit is what it is, in one line.
    public var inFlightReason: String
}
