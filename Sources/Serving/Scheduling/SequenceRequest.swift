/// The coordinator's number of a sequence; never used twice.
public typealias SequenceID = UInt64

/// The coordinator's number of a client.
public typealias ClientNumber = UInt64

/// The priority of a sequence: how much its work counts against the share of its client.
public enum SequencePriority: Int, Sendable, Comparable, CaseIterable {
    case low, normal, high

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Rows that it gets for each row of a normal one, if both ask for all they can get.
    var weight: Double {
        switch self {
        case .low: 0.25
        case .normal: 1
        case .high: 4
        }
    }
}

/// A sequence as it is handed to the scheduler.
public struct SequenceRequest: Sendable, Equatable {
    /// What the sequence is for.
    public enum Purpose: Sendable, Equatable {
        /// Sample up to `maximumTokens` tokens after the prompt.
        case generate(maximumTokens: Int)
        /// Run the tokens once; the rows from `firstRow` on are scored.
        case score(firstRow: Int)
    }

    public var id: SequenceID
    public var tokens: [Int32]
    public var purpose: Purpose
    public var client: ClientNumber
    public var priority: SequencePriority
    /// Sequences of one group have the same prompt: the first runs it, and the others find it in the prefix cache.
    public var group: UInt64?

    public init(
        id: SequenceID, tokens: [Int32], purpose: Purpose, client: ClientNumber = 0,
        priority: SequencePriority = .normal, group: UInt64? = nil
    ) {
        self.id = id
        self.tokens = tokens
        self.purpose = purpose
        self.client = client
        self.priority = priority
        self.group = group
    }
}

extension SequenceRequest {
    /// The most tokens it can have, prompt included.
    var longest: Int {
        switch purpose {
        case .score: tokens.count
        case .generate(let maximumTokens): tokens.count + maximumTokens
        }
    }

    /// Whether it has something to run and something to sample or score, and all that it runs is within `context`.
    func isRunnable(context: Int) -> Bool {
        guard !tokens.isEmpty, tokens.count <= context else { return false }
        return switch purpose {
        case .score(let firstRow): tokens.indices.contains(firstRow)
        case .generate(let maximumTokens): maximumTokens > 0 && maximumTokens <= context - tokens.count + 1
        }
    }

    /// Blocks for all positions that it can run; the last token sampled is never run.
    var blocksNeeded: Int {
        switch purpose {
        case .score: BlockPool.blocks(for: tokens.count)
        case .generate: BlockPool.blocks(for: longest - 1)
        }
    }
}
