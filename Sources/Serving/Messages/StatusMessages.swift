/// What a coordinator says of itself and its cluster.
public struct Status: Sendable, Equatable {
    public var requestID: UInt64
    public var model: String
    public var modelSHA256: [UInt8]
    public var software: String
    public var ready: Bool
    /// One line for people.
    public var state: String
    public var uptimeMilliseconds: UInt64
    public var layerCount: UInt32
    public var context: UInt32
    public var workersWanted: UInt32
    public var blocks: UInt32
    public var freeBlocks: UInt32
    public var queuedRequests: UInt32
    public var finishedRequests: UInt64
    public var generatedTokens: UInt64
    public var droppedMessages: UInt64
    public var workers: [WorkerStatus]
    public var requests: [RequestStatus]
    /// How workers keep weights; nil from a coordinator that does not say.
    public var weightType: TensorType?
    /// How workers keep keys and values.
    public var cacheType: TensorType?
    /// Those of the live plan.
    public var pipelines: [PipelineStatus]
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

    public init(
        requestID: UInt64, model: String, modelSHA256: [UInt8], software: String, ready: Bool, state: String,
        uptimeMilliseconds: UInt64, layerCount: UInt32, context: UInt32, workersWanted: UInt32, blocks: UInt32,
        freeBlocks: UInt32, queuedRequests: UInt32, finishedRequests: UInt64, generatedTokens: UInt64,
        droppedMessages: UInt64, workers: [WorkerStatus] = [], requests: [RequestStatus] = [],
        weightType: TensorType? = nil, cacheType: TensorType? = nil, pipelines: [PipelineStatus] = [],
        prefixQueryTokens: UInt64? = nil, prefixHitTokens: UInt64? = nil, preemptions: UInt64? = nil,
        runningSequences: UInt32? = nil, stepMilliseconds: Double? = nil, planReason: String? = nil
    ) {
        self.requestID = requestID
        self.model = model
        self.modelSHA256 = modelSHA256
        self.software = software
        self.ready = ready
        self.state = state
        self.uptimeMilliseconds = uptimeMilliseconds
        self.layerCount = layerCount
        self.context = context
        self.workersWanted = workersWanted
        self.blocks = blocks
        self.freeBlocks = freeBlocks
        self.queuedRequests = queuedRequests
        self.finishedRequests = finishedRequests
        self.generatedTokens = generatedTokens
        self.droppedMessages = droppedMessages
        self.workers = workers
        self.requests = requests
        self.weightType = weightType
        self.cacheType = cacheType
        self.pipelines = pipelines
        self.prefixQueryTokens = prefixQueryTokens
        self.prefixHitTokens = prefixHitTokens
        self.preemptions = preemptions
        self.runningSequences = runningSequences
        self.stepMilliseconds = stepMilliseconds
        self.planReason = planReason
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

    public init(
        pipeline: UInt32, stages: UInt32, blocks: UInt32, freeBlocks: UInt32, cachedBlocks: UInt32? = nil,
        batchesInFlight: UInt32, inFlightLimit: UInt32? = nil, inFlightReason: String? = nil
    ) {
        self.pipeline = pipeline
        self.stages = stages
        self.blocks = blocks
        self.freeBlocks = freeBlocks
        self.cachedBlocks = cachedBlocks
        self.batchesInFlight = batchesInFlight
        self.inFlightLimit = inFlightLimit
        self.inFlightReason = inFlightReason
    }
}

/// One worker as the coordinator sees it.
public struct WorkerStatus: Sendable, Equatable {
    public var name: String
    public var state: String
    public var hostID: String
    public var dataEndpoint: String
    public var cores: UInt32
    public var memoryBytes: UInt64
    public var instructionSet: String
    public var stage: UInt32?
    public var firstLayer: UInt32?
    public var layerCount: UInt32?
    public var weightBytes: UInt64?
    public var cacheBytes: UInt64?
    public var speeds: [Speed]
    public var statistics: Statistics?
    /// That of `stage`.
    public var pipeline: UInt32?
    /// One way between coordinator and worker, as heartbeats show it.
    public var linkMicroseconds: UInt64?
    /// What the worker gives to the KV cache.
    public var kvMemoryBytes: UInt64?
    /// The worker's clock as it sent `statistics`.
    public var clockMicroseconds: UInt64?

    public init(
        name: String, state: String, hostID: String, dataEndpoint: String, cores: UInt32, memoryBytes: UInt64,
        instructionSet: String, stage: UInt32? = nil, firstLayer: UInt32? = nil, layerCount: UInt32? = nil,
        weightBytes: UInt64? = nil, cacheBytes: UInt64? = nil, speeds: [Speed] = [], statistics: Statistics? = nil,
        pipeline: UInt32? = nil, linkMicroseconds: UInt64? = nil, kvMemoryBytes: UInt64? = nil,
        clockMicroseconds: UInt64? = nil
    ) {
        self.name = name
        self.state = state
        self.hostID = hostID
        self.dataEndpoint = dataEndpoint
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.instructionSet = instructionSet
        self.stage = stage
        self.firstLayer = firstLayer
        self.layerCount = layerCount
        self.weightBytes = weightBytes
        self.cacheBytes = cacheBytes
        self.speeds = speeds
        self.statistics = statistics
        self.pipeline = pipeline
        self.linkMicroseconds = linkMicroseconds
        self.kvMemoryBytes = kvMemoryBytes
        self.clockMicroseconds = clockMicroseconds
    }
}

/// One request as the coordinator sees it.
public struct RequestStatus: Sendable, Equatable {
    public var requestID: UInt64
    public var state: String
    public var promptTokens: UInt32
    public var generatedTokens: UInt32
    public var sequences: UInt32
    public var ageMilliseconds: UInt64
    /// From the request to its first token; nil: none yet.
    public var firstTokenMilliseconds: UInt64?
    public var priority: RequestPriority
    /// Since its first token, all sequences together.
    public var tokensPerSecond: Double?
    /// The same for all requests of a client.
    public var client: String?

    public init(
        requestID: UInt64, state: String, promptTokens: UInt32, generatedTokens: UInt32, sequences: UInt32,
        ageMilliseconds: UInt64, firstTokenMilliseconds: UInt64? = nil, priority: RequestPriority = .normal,
        tokensPerSecond: Double? = nil, client: String? = nil
    ) {
        self.requestID = requestID
        self.state = state
        self.promptTokens = promptTokens
        self.generatedTokens = generatedTokens
        self.sequences = sequences
        self.ageMilliseconds = ageMilliseconds
        self.firstTokenMilliseconds = firstTokenMilliseconds
        self.priority = priority
        self.tokensPerSecond = tokensPerSecond
        self.client = client
    }
}
