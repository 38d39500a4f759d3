/// Consecutive positions of one sequence in a batch.
public struct ScheduledSlice: Sendable, Equatable {
    public var sequence: SequenceID
    /// Position of the first token.
    public var start: Int
    public var tokens: [Int32]
    public var blockTable: [UInt32]
    /// Whether a token is sampled after the last row.
    public var samples: Bool
    /// Rows whose logits are scored, counted from the first row of the slice.
    public var scoredRows: Range<Int>?

    var end: Int { start + tokens.count }
}

/// A block that is copied to another one before a batch runs.
public struct ScheduledCopy: Sendable, Equatable {
    public var from: UInt32
    public var to: UInt32

    public init(from: UInt32, to: UInt32) {
        self.from = from
        self.to = to
    }
}

/// What goes down a pipeline in one piece.
public struct ScheduledBatch: Sendable, Equatable {
    public var id: UInt64
    public var pipeline: Int
    public var slices: [ScheduledSlice]
    /// Made before the batch runs, in order.
    public var copies: [ScheduledCopy]

    public var rows: Int { slices.reduce(0) { $0 + $1.tokens.count } }
    /// Rows of decoding sequences; all other rows are of prompts.
    public var decodeRows: Int
}
