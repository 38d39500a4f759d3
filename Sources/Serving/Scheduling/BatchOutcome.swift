/// The result of a batch, as far as the scheduler has to know it.
public struct BatchOutcome: Sendable, Equatable {
    public var batch: UInt64
    /// The token of each sequence for which the batch sampled one.
    public var sampled: [SequenceID: Int32]
    /// The batch failed or was cancelled, and wrote nothing that counts. Every one of its sequences has been finished.
    public var isFailed: Bool
    /// Milliseconds that it took each stage; empty if they are not known.
    public var stageMilliseconds: [Double]

    public init(
        batch: UInt64, sampled: [SequenceID: Int32] = [:], isFailed: Bool = false, stageMilliseconds: [Double] = []
    ) {
        self.batch = batch
        self.sampled = sampled
        self.isFailed = isFailed
        self.stageMilliseconds = stageMilliseconds
    }
}

/// What the result of a batch means for one of its sequences.
public enum SequenceProgress: Sendable, Equatable {
    /// A chunk of its prompt was run; there is nothing to show yet.
    case prefilled
    /// This token was sampled, and the sequence goes on unless it is finished.
    case sampled(Int32)
    /// This token was sampled, and it is the last one asked for.
    case sampledLast(Int32)
    /// Some rows were scored; more will follow.
    case scored
    /// The last rows were scored.
    case scoredLast
    /// The sequence was finished while the batch was in flight.
    case gone

    /// Whether a sequence that now leaves its pipeline has ended.
    var isLast: Bool {
        switch self {
        case .sampledLast, .scoredLast, .gone: true
        case .prefilled, .sampled, .scored: false
        }
    }
}

/// The progress of one sequence of a batch.
public struct SequenceStep: Sendable, Equatable {
    public var sequence: SequenceID
    public var progress: SequenceProgress
}
