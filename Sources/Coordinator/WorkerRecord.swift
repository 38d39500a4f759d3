import Wire

/// Identity of a worker's connection.
typealias WorkerID = [UInt8]

/// A worker as the coordinator knows it.
struct WorkerRecord {
    enum State: String {
        /// Taken in, without a stage.
        case standby
        /// Has a stage of the newest plan, and loads it.
        case loading
        case ready
    }

    let id: WorkerID
    let hello: Hello
    /// Where its predecessor finds it.
    let endpoint: String
    var state = State.standby
    var stage: Int?
    var isDraining = false
    /// Milliseconds of the coordinator's clock.
    var lastHeard: UInt64
    var ready: Ready?
    var statistics: Statistics?
    var speeds: [Speed] = []
    var measuring = false
    /// When `statistics.sentSequence` was first reported at its present value.
    var sentSince: UInt64 = 0
    /// When `statistics` came.
    var statisticsSince: UInt64 = 0

    var pin: Range<Int>? {
        hello.pinnedLayers.map { Int($0.lowerBound)..<(Int($0.upperBound) + 1) }
    }

    /// For logs and errors.
    var label: String { "worker '\(hello.name)' (\(endpoint))" }

    mutating func note(_ statistics: Statistics, now: UInt64) {
        if self.statistics?.sentSequence != statistics.sentSequence { sentSince = now }
        self.statistics = statistics
        statisticsSince = now
    }

    mutating func leavePlan() {
        state = .standby
        stage = nil
        ready = nil
        statistics = nil
        measuring = false
    }

    func status(layers: Range<Int>?) -> WorkerStatus {
        WorkerStatus(
            name: hello.name, state: isDraining ? "draining" : state.rawValue, hostID: hello.hostID,
            dataEndpoint: endpoint, cores: hello.cores, memoryBytes: hello.memoryBytes,
            instructionSet: hello.instructionSet, stage: stage.map { UInt32($0) },
            firstLayer: layers.map { UInt32($0.lowerBound) }, layerCount: layers.map { UInt32($0.count) },
            weightBytes: ready?.weightBytes, cacheBytes: ready?.cacheBytes, speeds: speeds, statistics: statistics)
    }
}
