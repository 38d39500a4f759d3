/// How the numbers of a tensor are stored, little-endian.
public enum TensorType: UInt32, Sendable, Equatable {
    case f32 = 0
    case f16 = 1
    case bf16 = 2
    /// Weights only: signed bytes in groups of 64, with activations quantized likewise.
    case int8 = 3
    /// Weights only: four bits in groups of 32, with activations quantized likewise.
    case int4 = 4
}

/// SHA-256 (32 bytes) over one group of tensors of a model: "layer 0" …, "embedding", "head".
public struct GroupDigest: Sendable, Equatable {
    public var group: String
    public var sha256: [UInt8]

    public init(group: String, sha256: [UInt8]) {
        self.group = group
        self.sha256 = sha256
    }
}

/// A worker introduces itself.
public struct Hello: Sendable, Equatable {
    public var name: String
    public var hostID: String
    public var protocolMinimum: UInt32
    public var protocolMaximum: UInt32
    public var software: String
    public var cores: UInt32
    public var memoryBytes: UInt64
    public var instructionSet: String
    public var dataEndpoint: String
    public var configurationSHA256: [UInt8]
    public var digests: [GroupDigest]
    /// The only layers the worker will take, where it was told so.
    public var pinnedLayers: ClosedRange<UInt32>?
    /// What the worker gives to the KV cache; nil: the coordinator decides.
    public var kvMemoryBytes: UInt64?

    public init(
        name: String, hostID: String, protocolMinimum: UInt32, protocolMaximum: UInt32, software: String,
        cores: UInt32, memoryBytes: UInt64, instructionSet: String, dataEndpoint: String, configurationSHA256: [UInt8],
        digests: [GroupDigest] = [], pinnedLayers: ClosedRange<UInt32>? = nil, kvMemoryBytes: UInt64? = nil
    ) {
        self.name = name
        self.hostID = hostID
        self.protocolMinimum = protocolMinimum
        self.protocolMaximum = protocolMaximum
        self.software = software
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.instructionSet = instructionSet
        self.dataEndpoint = dataEndpoint
        self.configurationSHA256 = configurationSHA256
        self.digests = digests
        self.pinnedLayers = pinnedLayers
        self.kvMemoryBytes = kvMemoryBytes
    }
}

/// The coordinator takes a worker in.
public struct Welcome: Sendable, Equatable {
    public var heartbeatMilliseconds: UInt32
    public var version: UInt32
    public var workerID: [UInt8]

    public init(heartbeatMilliseconds: UInt32, version: UInt32, workerID: [UInt8]) {
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.version = version
        self.workerID = workerID
    }
}

/// One stage of a new plan.
public struct Assignment: Sendable, Equatable {
    public var stage: UInt32
    public var stageCount: UInt32
    public var firstLayer: UInt32
    public var layerCount: UInt32
    public var blockCount: UInt32
    public var weightType: TensorType
    public var cacheType: TensorType
    public var activationType: TensorType
    public var successor: String

    public init(
        stage: UInt32, stageCount: UInt32, firstLayer: UInt32, layerCount: UInt32, blockCount: UInt32,
        weightType: TensorType, cacheType: TensorType, activationType: TensorType, successor: String
    ) {
        self.stage = stage
        self.stageCount = stageCount
        self.firstLayer = firstLayer
        self.layerCount = layerCount
        self.blockCount = blockCount
        self.weightType = weightType
        self.cacheType = cacheType
        self.activationType = activationType
        self.successor = successor
    }
}

/// A worker has loaded its layers.
public struct Ready: Sendable, Equatable {
    public var digests: [GroupDigest]
    public var weightBytes: UInt64
    public var cacheBytes: UInt64

    public init(digests: [GroupDigest], weightBytes: UInt64, cacheBytes: UInt64) {
        self.digests = digests
        self.weightBytes = weightBytes
        self.cacheBytes = cacheBytes
    }
}

/// "I am here", with what tells two clocks apart.
public struct Heartbeat: Sendable, Equatable {
    /// From a worker that has an assignment.
    public var statistics: Statistics?
    /// The sender's monotonic clock as it sends.
    public var clockMicroseconds: UInt64?
    /// Least difference of the sender's clock as a heartbeat came and the clock in it.
    public var leastDelayMicroseconds: Int64?

    public init(
        statistics: Statistics? = nil, clockMicroseconds: UInt64? = nil, leastDelayMicroseconds: Int64? = nil
    ) {
        self.statistics = statistics
        self.clockMicroseconds = clockMicroseconds
        self.leastDelayMicroseconds = leastDelayMicroseconds
    }
}

/// What a worker has done since the epoch began.
public struct Statistics: Sendable, Equatable {
    public var batches: UInt64
    public var rows: UInt64
    public var busyMicroseconds: UInt64
    public var receivedSequence: UInt64
    public var sentSequence: UInt64
    public var droppedMessages: UInt64
    public var residentBytes: UInt64
    public var queuedBatches: UInt32
    /// Time with no batch to compute.
    public var waitingMicroseconds: UInt64?
    /// Of the frames pushed to the next stage.
    public var sentBytes: UInt64?
    /// Of the frames that came over the data link.
    public var receivedBytes: UInt64?

    public init(
        batches: UInt64, rows: UInt64, busyMicroseconds: UInt64, receivedSequence: UInt64, sentSequence: UInt64,
        droppedMessages: UInt64, residentBytes: UInt64, queuedBatches: UInt32, waitingMicroseconds: UInt64? = nil,
        sentBytes: UInt64? = nil, receivedBytes: UInt64? = nil
    ) {
        self.batches = batches
        self.rows = rows
        self.busyMicroseconds = busyMicroseconds
        self.receivedSequence = receivedSequence
        self.sentSequence = sentSequence
        self.droppedMessages = droppedMessages
        self.residentBytes = residentBytes
        self.queuedBatches = queuedBatches
        self.waitingMicroseconds = waitingMicroseconds
        self.sentBytes = sentBytes
        self.receivedBytes = receivedBytes
    }
}

/// Measured speed of a stage for batches of `rows` rows.
public struct Speed: Sendable, Equatable {
    public var rows: UInt32
    public var millisecondsPerLayer: Double
    public var headMilliseconds: Double?

    public init(rows: UInt32, millisecondsPerLayer: Double, headMilliseconds: Double? = nil) {
        self.rows = rows
        self.millisecondsPerLayer = millisecondsPerLayer
        self.headMilliseconds = headMilliseconds
    }
}
