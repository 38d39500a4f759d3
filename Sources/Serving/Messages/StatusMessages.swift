/// What a coordinator says of itself and its cluster.
public struct Status: Sendable, Equatable {
    public var requestID: UInt64
    public var model: String = ""
    public var modelSHA256: [UInt8] = []
    public var software: String = ""
    public var ready: Bool = false
    /// One line for people.
    public var state: String = ""
    public var uptimeMilliseconds: UInt64 = 0
    public var layerCount: UInt32 = 0
    public var context: UInt32 = 0
    public var workersWanted: UInt32 = 0
    public var blocks: UInt32 = 0
    public var freeBlocks: UInt32 = 0
    public var queuedRequests: UInt32 = 0
    public var finishedRequests: UInt64 = 0
    public var generatedTokens: UInt64 = 0
    public var droppedMessages: UInt64 = 0
    public var workers: [WorkerStatus] = []
    public var requests: [RequestStatus] = []
    /// How workers keep weights; nil from a coordinator that does not say.
    public var weightType: TensorType?
    /// How workers keep keys and values.
    public var cacheType: TensorType?
    /// Those of the live plan.
    public var pipelines: [PipelineStatus] = []
    /// Tokens of the prompts admitted, and how many of them were in the KV cache already.
    public var prefixQueryTokens: UInt64?
    public var prefixHitTokens: UInt64?
    /// Sequences that gave up their blocks, to be prefilled again later.
    public var preemptions: UInt64?
    /// Sequences admitted, and not ended.
    public var runningSequences: UInt32?
    /// Target of a batch's time in its slowest stage.
    public var stepMilliseconds: Double?
    /// Why the plan is as it is, in a line for people.
    public var planReason: String?

    /// Other counts since the coordinator's start.
    public var counters: [Counter] = []

    /// - Parameter fill: sets the rest.
    public init(requestID: UInt64, _ fill: (inout Status) -> Void = { _ in }) {
        self.requestID = requestID
        fill(&self)
    }
}

/// Stages that together hold the whole model, as the coordinator sees them.
public struct PipelineStatus: Sendable, Equatable {
    /// Its number in the plan, from 0.
    public var pipeline: UInt32
    public var stages: UInt32
    public var blocks: UInt32
    /// That no sequence uses.
    public var freeBlocks: UInt32
    /// Of the free ones, those kept because a prompt may begin like what they hold.
    public var cachedBlocks: UInt32?
    public var batchesInFlight: UInt32
    /// So many batches may be in flight, by what was measured.
    public var inFlightLimit: UInt32?
    /// Why, in a line for people.
    public var inFlightReason: String?

    /// - Parameter fill: sets the rest.
    public init(
        pipeline: UInt32, stages: UInt32, blocks: UInt32, freeBlocks: UInt32, batchesInFlight: UInt32,
        _ fill: (inout PipelineStatus) -> Void = { _ in }
    ) {
        self.pipeline = pipeline
        self.stages = stages
        self.blocks = blocks
        self.freeBlocks = freeBlocks
        self.batchesInFlight = batchesInFlight
        fill(&self)
    }
}

/// One worker as the coordinator sees it.
public struct WorkerStatus: Sendable, Equatable {
    public var name: String
    public var state: String
    public var hostID: String = ""
    public var dataEndpoint: String = ""
    public var cores: UInt32 = 0
    public var memoryBytes: UInt64 = 0
    public var instructionSet: String = ""
    public var stage: UInt32?
    public var firstLayer: UInt32?
    public var layerCount: UInt32?
    public var weightBytes: UInt64?
    public var cacheBytes: UInt64?
    public var speeds: [Speed] = []
    public var statistics: Statistics?
    /// That of `stage`.
    public var pipeline: UInt32?
    /// One way between coordinator and worker, as heartbeats show it.
    public var linkMicroseconds: UInt64?
    /// What the worker gives to the KV cache.
    public var kvMemoryBytes: UInt64?
    /// The worker's clock as it sent `statistics`.
    public var clockMicroseconds: UInt64?

    /// - Parameter fill: sets the rest.
    public init(name: String, state: String, _ fill: (inout WorkerStatus) -> Void = { _ in }) {
        self.name = name
        self.state = state
        fill(&self)
    }
}

/// One request as the coordinator sees it.
public struct RequestStatus: Sendable, Equatable {
    public var requestID: UInt64
    public var state: String
    public var promptTokens: UInt32
    public var generatedTokens: UInt32 = 0
    public var sequences: UInt32
    public var ageMilliseconds: UInt64
    /// From the request to its first token; nil: none yet.
    public var firstTokenMilliseconds: UInt64?
    public var priority: RequestPriority = .normal
    /// Since its first token, all sequences together.
    public var tokensPerSecond: Double?
    /// The same for all requests of a client.
    public var client: String?

    /// - Parameter fill: sets the rest.
    public init(
        requestID: UInt64, state: String, promptTokens: UInt32, sequences: UInt32, ageMilliseconds: UInt64,
        _ fill: (inout RequestStatus) -> Void = { _ in }
    ) {
        self.requestID = requestID
        self.state = state
        self.promptTokens = promptTokens
        self.sequences = sequences
        self.ageMilliseconds = ageMilliseconds
        fill(&self)
    }
}
