/// Some positions of some sequences, on their way down a pipeline. The activations are the message's first tensor.
public struct Batch: Sendable, Equatable {
    public var batchID: UInt64
    public var slices: [Slice]
    public var copies: [BlockCopy]
    /// Shape of the activations; nil on the way to stage 0 and in a cancelled batch.
    public var activations: ActivationShape?
    /// No longer wanted, or failed: passed on empty so that order holds.
    public var cancelled: Bool
    /// Why a stage failed, in the cancelled batch it passed on.
    public var error: String?
    /// Of the stages it has been through, by each one's own clock.
    public var timings: [StageTiming]

    public init(
        batchID: UInt64, slices: [Slice] = [], copies: [BlockCopy] = [], activations: ActivationShape? = nil,
        cancelled: Bool = false, error: String? = nil, timings: [StageTiming] = []
    ) {
        self.batchID = batchID
        self.slices = slices
        self.copies = copies
        self.activations = activations
        self.cancelled = cancelled
        self.error = error
        self.timings = timings
    }
}

/// Shape and type of an activation matrix [rows, width].
public struct ActivationShape: Sendable, Equatable {
    public var rows: UInt32
    public var width: UInt32
    public var type: TensorType

    public init(rows: UInt32, width: UInt32, type: TensorType) {
        self.rows = rows
        self.width = width
        self.type = type
    }
}

/// Consecutive positions of one sequence.
public struct Slice: Sendable, Equatable {
    public var sequenceID: UInt64
    public var index: UInt32
    public var start: UInt32
    public var tokens: [Int32]
    public var blockTable: [UInt32]
    public var sample: SampleOutput?
    public var score: ScoreOutput?

    public init(
        sequenceID: UInt64, index: UInt32, start: UInt32, tokens: [Int32], blockTable: [UInt32],
        sample: SampleOutput? = nil, score: ScoreOutput? = nil
    ) {
        self.sequenceID = sequenceID
        self.index = index
        self.start = start
        self.tokens = tokens
        self.blockTable = blockTable
        self.sample = sample
        self.score = score
    }
}

/// Sample a token after the slice's last row.
public struct SampleOutput: Sendable, Equatable {
    public var parameters: SamplingSettings
    public var history: [Int32]
    public var promptCount: UInt32
    public var alternatives: UInt32

    public init(
        parameters: SamplingSettings, history: [Int32] = [], promptCount: UInt32 = 0, alternatives: UInt32 = 0
    ) {
        self.parameters = parameters
        self.history = history
        self.promptCount = promptCount
        self.alternatives = alternatives
    }
}

/// Row `firstRow + i` of the slice predicts `targets[i]`.
public struct ScoreOutput: Sendable, Equatable {
    public var firstRow: UInt32
    public var targets: [Int32]
    public var alternatives: UInt32

    public init(firstRow: UInt32, targets: [Int32], alternatives: UInt32 = 0) {
        self.firstRow = firstRow
        self.targets = targets
        self.alternatives = alternatives
    }
}

/// Copy one KV cache block onto another before the batch runs.
public struct BlockCopy: Sendable, Equatable {
    public var from: UInt32
    public var to: UInt32

    public init(from: UInt32, to: UInt32) {
        self.from = from
        self.to = to
    }
}

/// What the last stage made of a batch.
public struct BatchResult: Sendable, Equatable {
    public var batchID: UInt64
    public var sequences: [SequenceResult]
    public var cancelled: Bool
    public var error: String?
    /// Of every stage, by each one's own clock.
    public var timings: [StageTiming]

    public init(
        batchID: UInt64, sequences: [SequenceResult] = [], cancelled: Bool = false, error: String? = nil,
        timings: [StageTiming] = []
    ) {
        self.batchID = batchID
        self.sequences = sequences
        self.cancelled = cancelled
        self.error = error
        self.timings = timings
    }
}

/// A batch's outcome for one sequence.
public struct SequenceResult: Sendable, Equatable {
    public var sequenceID: UInt64
    public var sampled: TokenResult?
    public var scores: [TokenResult]
    public var error: String?

    public init(sequenceID: UInt64, sampled: TokenResult? = nil, scores: [TokenResult] = [], error: String? = nil) {
        self.sequenceID = sequenceID
        self.sampled = sampled
        self.scores = scores
        self.error = error
    }
}

/// A token, its log-probability, and the likeliest tokens at its place.
public struct TokenResult: Sendable, Equatable {
    public var token: Int32
    public var logprob: Float
    public var alternatives: [Alternative]

    public struct Alternative: Sendable, Equatable {
        public var token: Int32
        public var logprob: Float

        public init(token: Int32, logprob: Float) {
            self.token = token
            self.logprob = logprob
        }
    }

    public init(token: Int32, logprob: Float, alternatives: [Alternative] = []) {
        self.token = token
        self.logprob = logprob
        self.alternatives = alternatives
    }
}
