import Messages

/// A `Status` as JSON, where names are in snake case.
package struct StatusLine: Encodable {
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
        let waitingSeconds: Double?
        let sentBytes: UInt64?
        let receivedBytes: UInt64?
        let queuedBatches: UInt32?
        let pipeline: UInt32?
        let linkSeconds: Double?
        let kvMemoryBytes: UInt64?
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
        let firstTokenSeconds: Double?
        let priority: String
        let tokensPerSecond: Double?
        let client: String?
    }

    struct Pipeline: Encodable {
        let pipeline: UInt32
        let stages: UInt32
        let blocks: UInt32
        let freeBlocks: UInt32
        let cachedBlocks: UInt32?
        let batchesInFlight: UInt32
        let inFlightLimit: UInt32?
        let inFlightReason: String?

        // Programs read these under the names that stand here.
        private enum CodingKeys: String, CodingKey {
            case pipeline, stages, blocks, freeBlocks, cachedBlocks, batchesInFlight
            case inFlightLimit = "flightLimit"
            case inFlightReason = "flightReason"
        }
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
    let pipelines: [Pipeline]
    let prefixAskedTokens: UInt64?
    let prefixHitTokens: UInt64?
    let preemptions: UInt64?
    let runningSequences: UInt32?
    let stepMilliseconds: Double?
    let planReason: String?
    let counters: [String: UInt64]

    package init(_ status: Status) {
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
        requests = status.requests.map(Request.init)
        pipelines = status.pipelines.map {
            Pipeline(
                pipeline: $0.pipeline, stages: $0.stages, blocks: $0.blocks, freeBlocks: $0.freeBlocks,
                cachedBlocks: $0.cachedBlocks, batchesInFlight: $0.batchesInFlight, inFlightLimit: $0.inFlightLimit,
                inFlightReason: $0.inFlightReason)
        }
        prefixAskedTokens = status.prefixQueryTokens
        prefixHitTokens = status.prefixHitTokens
        preemptions = status.preemptions
        runningSequences = status.runningSequences
        stepMilliseconds = status.stepMilliseconds
        planReason = status.planReason
        counters = Dictionary(status.counters.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}

extension StatusLine.Request {
    fileprivate init(_ request: RequestStatus) {
        requestId = request.requestID
        state = request.state
        promptTokens = request.promptTokens
        generatedTokens = request.generatedTokens
        sequences = request.sequences
        seconds = Double(request.ageMilliseconds) / 1_000
        firstTokenSeconds = request.firstTokenMilliseconds.map { Double($0) / 1_000 }
        priority = "\(request.priority)"
        tokensPerSecond = request.tokensPerSecond
        client = request.client
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
        waitingSeconds = worker.statistics?.waitingMicroseconds.map { Double($0) / 1e6 }
        sentBytes = worker.statistics?.sentBytes
        receivedBytes = worker.statistics?.receivedBytes
        queuedBatches = worker.statistics?.queuedBatches
        pipeline = worker.pipeline
        linkSeconds = worker.linkMicroseconds.map { Double($0) / 1e6 }
        kvMemoryBytes = worker.kvMemoryBytes
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
