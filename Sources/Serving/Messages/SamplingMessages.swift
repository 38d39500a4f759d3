/// How a token is sampled, every setting decided.
public struct SamplingSettings: Sendable, Equatable {
    public var temperature: Float
    public var topK: UInt32
    public var topP: Float
    public var minP: Float
    public var repetitionPenalty: Float
    public var presencePenalty: Float
    public var frequencyPenalty: Float
    public var logitBias: [LogitBias]
    public var seed: UInt64
    /// Sample ids without text, too.
    public var allowUnusedIDs: Bool

    public init(
        temperature: Float = 1, topK: UInt32 = 0, topP: Float = 1, minP: Float = 0, repetitionPenalty: Float = 1,
        presencePenalty: Float = 0, frequencyPenalty: Float = 0, logitBias: [LogitBias] = [], seed: UInt64 = 0,
        allowUnusedIDs: Bool = false
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.presencePenalty = presencePenalty
        self.frequencyPenalty = frequencyPenalty
        self.logitBias = logitBias
        self.seed = seed
        self.allowUnusedIDs = allowUnusedIDs
    }

    /// Whether a penalty is in use, which looks at the tokens so far.
    public var needsHistory: Bool { repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0 }
}

/// How a client wants tokens sampled; nil: as the model's own defaults say, else plainly.
public struct RequestedSampling: Sendable, Equatable {
    public var temperature: Float?
    public var topK: UInt32?
    public var topP: Float?
    public var minP: Float?
    public var repetitionPenalty: Float?
    public var presencePenalty: Float?
    public var frequencyPenalty: Float?
    public var logitBias: [LogitBias]
    /// nil: the coordinator chooses one.
    public var seed: UInt64?
    public var allowUnusedIDs: Bool

    public init(
        temperature: Float? = nil, topK: UInt32? = nil, topP: Float? = nil, minP: Float? = nil,
        repetitionPenalty: Float? = nil, presencePenalty: Float? = nil, frequencyPenalty: Float? = nil,
        logitBias: [LogitBias] = [], seed: UInt64? = nil, allowUnusedIDs: Bool = false
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.presencePenalty = presencePenalty
        self.frequencyPenalty = frequencyPenalty
        self.logitBias = logitBias
        self.seed = seed
        self.allowUnusedIDs = allowUnusedIDs
    }

    /// What is asked for, and where nothing is, what `defaults` say.
    public func resolved(defaults: SamplingSettings = SamplingSettings()) -> SamplingSettings {
        SamplingSettings(
            temperature: temperature ?? defaults.temperature, topK: topK ?? defaults.topK,
            topP: topP ?? defaults.topP, minP: minP ?? defaults.minP,
            repetitionPenalty: repetitionPenalty ?? defaults.repetitionPenalty,
            presencePenalty: presencePenalty ?? defaults.presencePenalty,
            frequencyPenalty: frequencyPenalty ?? defaults.frequencyPenalty, logitBias: logitBias,
            seed: seed ?? defaults.seed, allowUnusedIDs: allowUnusedIDs)
    }
}

/// Added to a token's logit.
public struct LogitBias: Sendable, Equatable {
    public var token: Int32
    public var bias: Float

    public init(token: Int32, bias: Float) {
        self.token = token
        self.bias = bias
    }
}
