import Wire

/// A `Status` as JSON, where names are in snake case.
struct StatusLine: Encodable {
    struct Worker: Encodable {
        let name: String
        let state: String
        let hostId: String
        let endpoint: String
        let threads: UInt32
        let memoryBytes: UInt64
        let instructionSet: String
        let stage: UInt32?
        let firstLayer: UInt32?
        let layerCount: UInt32?
        let weightBytes: UInt64?
        let cacheBytes: UInt64?
        let residentBytes: UInt64?
        let batches: UInt64?
        let rows: UInt64?
        let busySeconds: Double?
        let speeds: [Speed]
    }

    struct Speed: Encodable {
        let rows: UInt32
        let millisecondsPerLayer: Double
        let headMilliseconds: Double?
    }

    struct Request: Encodable {
        let requestId: UInt64
        let state: String
        let promptTokens: UInt32
        let generatedTokens: UInt32
        let sequences: UInt32
        let seconds: Double
    }

    let model: String
    let modelSha256: String
    let software: String
    let ready: Bool
    let state: String
    let uptimeSeconds: Double
    let layerCount: UInt32
    let context: UInt32
    let workersWanted: UInt32
    let blocks: UInt32
    let freeBlocks: UInt32
    let queuedSequences: UInt32
    let finishedRequests: UInt64
    let generatedTokens: UInt64
    let droppedMessages: UInt64
    let workers: [Worker]
    let requests: [Request]
    let weightType: String?
    let cacheType: String?

    init(_ status: Status) {
        model = status.model
        modelSha256 = hexadecimal(status.modelSHA256)
        software = status.software
        ready = status.ready
        state = status.state
        uptimeSeconds = Double(status.uptimeMilliseconds) / 1_000
        layerCount = status.layerCount
        context = status.context
        workersWanted = status.workersWanted
        blocks = status.blocks
        freeBlocks = status.freeBlocks
        queuedSequences = status.queuedRequests
        finishedRequests = status.finishedRequests
        generatedTokens = status.generatedTokens
        droppedMessages = status.droppedMessages
        workers = status.workers.map(Worker.init)
        weightType = status.weightType.map { "\($0)" }
        cacheType = status.cacheType.map { "\($0)" }
        requests = status.requests.map {
            Request(
                requestId: $0.requestID, state: $0.state, promptTokens: $0.promptTokens,
                generatedTokens: $0.generatedTokens, sequences: $0.sequences,
                seconds: Double($0.ageMilliseconds) / 1_000)
        }
    }
}

extension StatusLine.Worker {
    fileprivate init(_ worker: WorkerStatus) {
        name = worker.name
        state = worker.state
        hostId = worker.hostID
        endpoint = worker.dataEndpoint
        threads = worker.cores
        memoryBytes = worker.memoryBytes
        instructionSet = worker.instructionSet
        stage = worker.stage
        firstLayer = worker.firstLayer
        layerCount = worker.layerCount
        weightBytes = worker.weightBytes
        cacheBytes = worker.cacheBytes
        residentBytes = worker.statistics?.residentBytes
        batches = worker.statistics?.batches
        rows = worker.statistics?.rows
        busySeconds = worker.statistics.map { Double($0.busyMicroseconds) / 1e6 }
        speeds = worker.speeds.map {
            StatusLine.Speed(
                rows: $0.rows, millisecondsPerLayer: $0.millisecondsPerLayer,
                headMilliseconds: $0.headMilliseconds)
        }
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
