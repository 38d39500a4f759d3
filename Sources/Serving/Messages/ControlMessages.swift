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
    public var protocolMinimum: UInt32 = 0
    public var protocolMaximum: UInt32 = 0
    public var software: String = ""
    public var cores: UInt32 = 0
    public var memoryBytes: UInt64 = 0
    public var instructionSet: String = ""
    public var dataEndpoint: String
    public var configurationSHA256: [UInt8]
    public var digests: [GroupDigest] = []
    /// The only layers the worker will take, where it was told so.
    public var pinnedLayers: ClosedRange<UInt32>?
    /// What the worker gives to the KV cache; nil: the coordinator decides.
    public var kvMemoryBytes: UInt64?
    /// Of its arithmetic; nil from a worker that does not say.
    public var numericsVersion: UInt32?

    /// - Parameter fill: sets the rest.
    public init(
        name: String, hostID: String, dataEndpoint: String, configurationSHA256: [UInt8],
        _ fill: (inout Hello) -> Void = { _ in }
    ) {
        self.name = name
        self.hostID = hostID
        self.dataEndpoint = dataEndpoint
        self.configurationSHA256 = configurationSHA256
        fill(&self)
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
    public var weightType: TensorType = .f32
    public var cacheType: TensorType = .f32
    public var activationType: TensorType = .f32
    public var successor: String
    /// Token ids never sampled, as a bit set over the vocabulary: bit i % 8 of byte i / 8; nil: none.
    public var unusedIDs: [UInt8]?

    /// - Parameter fill: sets the rest.
    public init(
        stage: UInt32, stageCount: UInt32, firstLayer: UInt32, layerCount: UInt32, blockCount: UInt32,
        successor: String, _ fill: (inout Assignment) -> Void = { _ in }
    ) {
        self.stage = stage
        self.stageCount = stageCount
        self.firstLayer = firstLayer
        self.layerCount = layerCount
        self.blockCount = blockCount
        self.successor = successor
        fill(&self)
    }
}

/// A worker has loaded its layers.
public struct Ready: Sendable, Equatable {
    public var digests: [GroupDigest]
    public var weightBytes: UInt64
    public var cacheBytes: UInt64
    /// KV cache blocks for which memory sufficed; nil: as many as were assigned.
    public var blockCount: UInt32?

    public init(digests: [GroupDigest], weightBytes: UInt64, cacheBytes: UInt64, blockCount: UInt32? = nil) {
        self.blockCount = blockCount
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
    public var batches: UInt64 = 0
    public var rows: UInt64 = 0
    public var busyMicroseconds: UInt64 = 0
    public var receivedSequence: UInt64 = 0
    public var sentSequence: UInt64 = 0
    public var droppedMessages: UInt64 = 0
    public var residentBytes: UInt64 = 0
    public var queuedBatches: UInt32 = 0
    /// Time with no batch to compute.
    public var waitingMicroseconds: UInt64?
    /// Of the frames pushed to the next stage.
    public var sentBytes: UInt64?
    /// Of the frames that came over the data link.
    public var receivedBytes: UInt64?

    /// - Parameter fill: sets the rest.
    public init(_ fill: (inout Statistics) -> Void = { _ in }) {
        fill(&self)
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
