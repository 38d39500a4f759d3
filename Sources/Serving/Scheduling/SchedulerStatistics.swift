/// What the scheduler has done since it was made.
public struct SchedulerStatistics: Sendable, Equatable {
    /// Prompt positions that were looked up in the prefix cache.
    public var queries: UInt64 = 0
    /// Of these, positions that were found there and not run again.
    public var hits: UInt64 = 0
    /// Blocks of the prefix cache that were given to another sequence, and what they held lost.
    public var evictions: UInt64 = 0
    /// Times that a running sequence gave its blocks to another one and went back to the waiting table.
    public var preemptions: UInt64 = 0

    public init() {}
}
