/// What a request starts from.
public struct Prompt: Sendable, Equatable {
    public var content: Content
    /// Spellings of special tokens in the text, as "<|endoftext|>", mean the tokens.
    public var specialTokens: Bool

    public enum Content: Sendable, Equatable {
        /// UTF-8.
        case text([UInt8])
        case tokens([Int32])
    }

    public init(content: Content, specialTokens: Bool = false) {
        self.content = content
        self.specialTokens = specialTokens
    }
}

/// Who goes first where not all can.
public enum RequestPriority: UInt32, Sendable, Equatable {
    case low = 0
    case normal = 1
    case high = 2
}

/// Ask for continuations.
public struct Generate: Sendable, Equatable {
    public var requestID: UInt64
    public var prompt: Prompt
    public var model: String?
    public var maximumTokens: UInt32
    public var parameters: RequestedSampling
    public var sequences: UInt32
    public var stopStrings: [[UInt8]]
    public var stopTokens: [Int32]
    public var ignoreEndOfText: Bool
    public var logprobs: Bool
    public var alternatives: UInt32
    public var credit: UInt32
    public var priority: RequestPriority

    public init(
        requestID: UInt64, prompt: Prompt, model: String? = nil, maximumTokens: UInt32 = 128,
        parameters: RequestedSampling = RequestedSampling(), sequences: UInt32 = 1,
        stopStrings: [[UInt8]] = [], stopTokens: [Int32] = [], ignoreEndOfText: Bool = false, logprobs: Bool = false,
        alternatives: UInt32 = 0, credit: UInt32 = 64, priority: RequestPriority = .normal
    ) {
        self.requestID = requestID
        self.prompt = prompt
        self.model = model
        self.maximumTokens = maximumTokens
        self.parameters = parameters
        self.sequences = sequences
        self.stopStrings = stopStrings
        self.stopTokens = stopTokens
        self.ignoreEndOfText = ignoreEndOfText
        self.logprobs = logprobs
        self.alternatives = alternatives
        self.credit = credit
        self.priority = priority
    }
}

/// Ask for the log-probability of every token of a text.
public struct Score: Sendable, Equatable {
    public var requestID: UInt64
    public var prompt: Prompt
    public var model: String?
    /// nil: half the context.
    public var stride: UInt32?
    public var beginWithEndOfText: Bool
    public var alternatives: UInt32
    public var credit: UInt32
    public var priority: RequestPriority

    public init(
        requestID: UInt64, prompt: Prompt, model: String? = nil, stride: UInt32? = nil,
        beginWithEndOfText: Bool = false, alternatives: UInt32 = 0, credit: UInt32 = 64,
        priority: RequestPriority = .normal
    ) {
        self.requestID = requestID
        self.prompt = prompt
        self.model = model
        self.stride = stride
        self.beginWithEndOfText = beginWithEndOfText
        self.alternatives = alternatives
        self.credit = credit
        self.priority = priority
    }
}

/// New text of one sequence.
public struct Piece: Sendable, Equatable {
    public var requestID: UInt64
    public var index: UInt32
    public var tokenOffset: UInt32
    /// UTF-8.
    public var text: [UInt8]
    public var tokens: [Int32]
    public var logprobs: [TokenResult]

    public init(
        requestID: UInt64, index: UInt32, tokenOffset: UInt32, text: [UInt8], tokens: [Int32],
        logprobs: [TokenResult] = []
    ) {
        self.requestID = requestID
        self.index = index
        self.tokenOffset = tokenOffset
        self.text = text
        self.tokens = tokens
        self.logprobs = logprobs
    }
}

/// Why a sequence ended.
public enum FinishReason: UInt32, Sendable, Equatable {
    case stop = 0
    case length = 1
    case cancelled = 2
}

/// One sequence of a request has ended.
public struct Done: Sendable, Equatable {
    public var requestID: UInt64
    public var index: UInt32
    public var reason: FinishReason
    public var seed: UInt64
    public var promptTokens: UInt32
    public var generatedTokens: UInt32
    /// It ended with ``FinishReason/length`` before its maximum of tokens, because the context is full.
    public var isContextFull: Bool

    public init(
        requestID: UInt64, index: UInt32, reason: FinishReason, seed: UInt64, promptTokens: UInt32,
        generatedTokens: UInt32, isContextFull: Bool = false
    ) {
        self.requestID = requestID
        self.index = index
        self.reason = reason
        self.seed = seed
        self.promptTokens = promptTokens
        self.generatedTokens = generatedTokens
        self.isContextFull = isContextFull
    }
}

/// Scores of consecutive tokens of a text.
public struct ScorePiece: Sendable, Equatable {
    public var requestID: UInt64
    public var tokenOffset: UInt32
    public var scores: [TokenResult]
    /// The text's first token, which has no log-probability; it stands before `scores`.
    public var unscoredToken: Int32?

    public init(requestID: UInt64, tokenOffset: UInt32, scores: [TokenResult], unscoredToken: Int32? = nil) {
        self.requestID = requestID
        self.tokenOffset = tokenOffset
        self.scores = scores
        self.unscoredToken = unscoredToken
    }
}

/// Why a request failed.
public enum FailureCode: UInt32, Sendable, Equatable {
    case badRequest = 0
    case unavailable = 1
    case overloaded = 2
    case `internal` = 3
}

/// A whole request has failed.
public struct Failure: Sendable, Equatable {
    public var requestID: UInt64
    public var code: FailureCode
    public var message: String
    public var retryMilliseconds: UInt32?

    public init(requestID: UInt64, code: FailureCode, message: String, retryMilliseconds: UInt32? = nil) {
        self.requestID = requestID
        self.code = code
        self.message = message
        self.retryMilliseconds = retryMilliseconds
    }
}
