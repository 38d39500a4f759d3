/// When a stage had a batch, in microseconds.
public struct StageTiming: Sendable, Equatable {
    public var stage: UInt32
    /// Its last frame was here.
    public var receivedMicroseconds: UInt64
    /// Of computing.
    public var startedMicroseconds: UInt64
    public var endedMicroseconds: UInt64
    /// Rows computed; nil from a worker that does not say.
    public var rows: UInt32?
    /// Bytes of the raw frames sent on.
    public var sentBytes: UInt64?

    public init(
        stage: UInt32, receivedMicroseconds: UInt64, startedMicroseconds: UInt64, endedMicroseconds: UInt64,
        rows: UInt32? = nil, sentBytes: UInt64? = nil
    ) {
        self.stage = stage
        self.receivedMicroseconds = receivedMicroseconds
        self.startedMicroseconds = startedMicroseconds
        self.endedMicroseconds = endedMicroseconds
        self.rows = rows
        self.sentBytes = sentBytes
    }
}

/// A batch that has been through its pipeline. All times are by the coordinator's clock.
public struct TraceRecord: Sendable, Equatable {
    public var batchID: UInt64
    public var epoch: UInt64
    public var pipeline: UInt32
    public var sentMicroseconds: UInt64
    /// Of its result.
    public var receivedMicroseconds: UInt64
    public var rows: UInt32 = 0
    public var sequences: UInt32 = 0
    public var promptRows: UInt32 = 0
    public var decodeRows: UInt32 = 0
    public var timings: [StageTiming] = []

    /// - Parameter fill: sets the rest.
    public init(
        batchID: UInt64, epoch: UInt64, pipeline: UInt32, sentMicroseconds: UInt64, receivedMicroseconds: UInt64,
        _ fill: (inout TraceRecord) -> Void = { _ in }
    ) {
        self.batchID = batchID
        self.epoch = epoch
        self.pipeline = pipeline
        self.sentMicroseconds = sentMicroseconds
        self.receivedMicroseconds = receivedMicroseconds
        fill(&self)
    }
}

/// Who carries a stage of the live plan.
public struct TraceStage: Sendable, Equatable {
    public var epoch: UInt64
    public var pipeline: UInt32
    public var stage: UInt32
    /// The worker's name.
    public var worker: String
    public var firstLayer: UInt32
    public var layerCount: UInt32

    public init(
        epoch: UInt64, pipeline: UInt32, stage: UInt32, worker: String, firstLayer: UInt32, layerCount: UInt32
    ) {
        self.epoch = epoch
        self.pipeline = pipeline
        self.stage = stage
        self.worker = worker
        self.firstLayer = firstLayer
        self.layerCount = layerCount
    }
}

/// Batches that have been through a pipeline since the cursor of a `TraceRequest`.
public struct Trace: Sendable, Equatable {
    /// Batches in one answer, at most.
    public static let mostRecords = 512

    public var requestID: UInt64
    /// Cursor: what to ask for next.
    public var next: UInt64
    /// Oldest first; as many as ``mostRecords``: there may be more.
    public var records: [TraceRecord]
    /// Batches after the cursor that are not kept any more.
    public var lost: UInt64
    public var stages: [TraceStage]
    /// The coordinator's clock now.
    public var clockMicroseconds: UInt64

    public init(
        requestID: UInt64, next: UInt64, records: [TraceRecord] = [], lost: UInt64 = 0, stages: [TraceStage] = [],
        clockMicroseconds: UInt64
    ) {
        self.requestID = requestID
        self.next = next
        self.records = records
        self.lost = lost
        self.stages = stages
        self.clockMicroseconds = clockMicroseconds
    }
}
