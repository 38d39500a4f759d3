/// Consecutive positions of a sequence in a batch.
public struct ScheduledSlice: Sendable, Equatable {
    public var sequence: SequenceID
    /// Position of the first token.
    public var start: Int
    public var tokens: [Int32]
    public var blockTable: [UInt32]
    /// Draw a token after the last row.
    public var samples: Bool
    /// Rows of the slice, counted from its first, whose logits are scored.
    public var scoredRows: Range<Int>?

    var end: Int { start + tokens.count }
}

/// A block whose keys and values another one gets, before a batch runs.
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
    /// Carried out first, in order.
    public var copies: [ScheduledCopy]

    public var rows: Int { slices.reduce(0) { $0 + $1.tokens.count } }
    /// Of them, rows that run a drawn token.
    public var decodeRows: Int
}
