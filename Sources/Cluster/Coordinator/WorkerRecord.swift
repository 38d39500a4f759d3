import Messages
import Scheduling

/// Identity of a worker's connection.
package typealias WorkerID = [UInt8]

/// A worker as the coordinator knows it.
package struct WorkerRecord {
    package enum State: String {
        /// Taken in, without a stage.
        case standby
        /// Has a stage of the newest plan, and loads it.
        case loading
        case ready
    }

    package let id: WorkerID
    package let hello: Hello
    /// Where its predecessor finds it.
    package let endpoint: String
    package var state = State.standby
    /// Its pipeline in the present plan, and its stage there.
    package var pipeline: Int?
    package var stage: Int?
    package var isDraining = false
    /// Milliseconds of the coordinator's clock.
    package var lastHeard: UInt64
    var ready: Ready?
    var statistics: Statistics?
    package var speeds: [Speed] = []
    /// Milliseconds of one layer as batches of requests took, where there were any.
    private(set) var refined: RowCosts?
    /// One way between it and the coordinator, where measured.
    var linkMilliseconds: Double?
    package var measuring = false
    /// It has answered, if only with nothing.
    var isMeasured = false
    /// When `statistics.sentSequence` was first reported at its present value.
    var sentSince: UInt64 = 0
    /// When `statistics` came.
    var statisticsSince: UInt64 = 0

    package init(id: WorkerID, hello: Hello, endpoint: String, lastHeard: UInt64) {
        self.id = id
        self.hello = hello
        self.endpoint = endpoint
        self.lastHeard = lastHeard
    }

    var pin: Range<Int>? {
        hello.pinnedLayers.map { Int($0.lowerBound)..<(Int($0.upperBound) + 1) }
    }

    /// For logs and errors.
    var label: String { "worker '\(hello.name)' (\(endpoint))" }

    mutating func refine(_ costs: RowCosts) { refined = costs }

    mutating func note(_ statistics: Statistics, now: UInt64) {
        if self.statistics?.sentSequence != statistics.sentSequence { sentSince = now }
        self.statistics = statistics
        statisticsSince = now
    }

    mutating func leavePlan() {
        state = .standby
        stage = nil
        pipeline = nil
        ready = nil
        statistics = nil
        measuring = false
    }

    package func status(layers: Range<Int>?) -> WorkerStatus {
        WorkerStatus(name: hello.name, state: isDraining ? "draining" : state.rawValue) {
            $0.hostID = hello.hostID
            $0.dataEndpoint = endpoint
            $0.cores = hello.cores
            $0.memoryBytes = hello.memoryBytes
            $0.instructionSet = hello.instructionSet
            $0.stage = stage.map { UInt32($0) }
            $0.firstLayer = layers.map { UInt32($0.lowerBound) }
            $0.layerCount = layers.map { UInt32($0.count) }
            $0.weightBytes = ready?.weightBytes
            $0.cacheBytes = ready?.cacheBytes
            $0.speeds = speeds
            $0.statistics = statistics
            $0.pipeline = pipeline.map { UInt32($0) }
            $0.kvMemoryBytes = hello.kvMemoryBytes
        }
    }
}
