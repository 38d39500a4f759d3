/// The coordinator's number of a sequence; never used twice.
public typealias SequenceID = UInt64

/// A sequence as it is handed to the scheduler.
public struct SequenceRequest: Sendable, Equatable {
    /// What the sequence is for.
    public enum Purpose: Sendable, Equatable {
        /// Draw up to `maximumTokens` tokens after the prompt.
        case generate(maximumTokens: Int)
        /// Run the tokens once; the rows from `firstRow` on are scored.
        case score(firstRow: Int)
    }

    public var id: SequenceID
    public var tokens: [Int32]
    public var purpose: Purpose

    public init(id: SequenceID, tokens: [Int32], purpose: Purpose) {
        self.id = id
        self.tokens = tokens
        self.purpose = purpose
    }
}

extension SequenceRequest {
    /// Tokens it can come to have, prompt included.
    var longest: Int {
        switch purpose {
        case .score: tokens.count
        case .generate(let maximumTokens): tokens.count + maximumTokens
        }
    }

    /// Whether it has something to run and something to find out, all within `context`.
    func isRunnable(context: Int) -> Bool {
        guard !tokens.isEmpty, tokens.count <= context else { return false }
        return switch purpose {
        case .score(let firstRow): tokens.indices.contains(firstRow)
        case .generate(let maximumTokens): maximumTokens > 0 && maximumTokens <= context - tokens.count
        }
    }

    /// Blocks for every position it can come to run; the last token drawn is never run.
    var blocksNeeded: Int {
        switch purpose {
        case .score: BlockPool.blocks(for: tokens.count)
        case .generate: BlockPool.blocks(for: longest - 1)
        }
    }
}

/// A sequence while it has blocks.
struct RunningSequence: Sendable {
    let id: SequenceID
    let purpose: SequenceRequest.Purpose
    /// Prompt and drawn tokens.
    var tokens: [Int32]
    let promptCount: Int
    let blocks: [UInt32]
    /// Positions whose K and V are in the cache.
    var cached = 0
    var inFlight = false
    /// Cancelled while in flight: goes when its batch comes back.
    var cancelled = false

    init(_ request: SequenceRequest, blocks: [UInt32]) {
        id = request.id
        purpose = request.purpose
        tokens = request.tokens
        promptCount = request.tokens.count
        self.blocks = blocks
    }

    var generatedCount: Int { tokens.count - promptCount }

    /// The next positions to run, at most `limit` of them.
    func slice(limit: Int) -> ScheduledSlice {
        let end = min(tokens.count, cached + limit)
        let table = blocks.prefix(BlockPool.blocks(for: end))
        let last = end == tokens.count
        var scoredRows: Range<Int>?
        var samples = false
        switch purpose {
        case .generate:
            samples = last
        case .score(let firstRow):
            let first = max(firstRow, cached)
            scoredRows = first < end ? (first - cached)..<(end - cached) : nil
        }
        return ScheduledSlice(
            sequence: id, start: cached, tokens: Array(tokens[cached..<end]), blockTable: Array(table),
            samples: samples, scoredRows: scoredRows)
    }
}

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
}

/// What goes down the pipeline in one piece.
public struct ScheduledBatch: Sendable, Equatable {
    public var id: UInt64
    public var slices: [ScheduledSlice]
}
