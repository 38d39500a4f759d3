import Wire

/// A `Status` as JSON; names as they appear there.
struct StatusLine: Encodable {
    struct Worker: Encodable {
        let name: String
        let state: String
        let host_id: String
        let endpoint: String
        let threads: UInt32
        let memory_bytes: UInt64
        let instruction_set: String
        let stage: UInt32?
        let first_layer: UInt32?
        let layer_count: UInt32?
        let weight_bytes: UInt64?
        let cache_bytes: UInt64?
        let resident_bytes: UInt64?
        let batches: UInt64?
        let rows: UInt64?
        let busy_seconds: Double?
        let speeds: [Speed]
    }

    struct Speed: Encodable {
        let rows: UInt32
        let milliseconds_per_layer: Double
        let head_milliseconds: Double?
    }

    struct Request: Encodable {
        let request_id: UInt64
        let state: String
        let prompt_tokens: UInt32
        let generated_tokens: UInt32
        let sequences: UInt32
        let seconds: Double
    }

    let model: String
    let model_sha256: String
    let software: String
    let ready: Bool
    let state: String
    let uptime_seconds: Double
    let layer_count: UInt32
    let context: UInt32
    let workers_wanted: UInt32
    let blocks: UInt32
    let free_blocks: UInt32
    let queued_sequences: UInt32
    let finished_requests: UInt64
    let generated_tokens: UInt64
    let dropped_messages: UInt64
    let workers: [Worker]
    let requests: [Request]

    init(_ status: Status) {
        model = status.model
        model_sha256 = hexadecimal(status.modelSHA256)
        software = status.software
        ready = status.ready
        state = status.state
        uptime_seconds = Double(status.uptimeMilliseconds) / 1_000
        layer_count = status.layerCount
        context = status.context
        workers_wanted = status.workersWanted
        blocks = status.blocks
        free_blocks = status.freeBlocks
        queued_sequences = status.queuedRequests
        finished_requests = status.finishedRequests
        generated_tokens = status.generatedTokens
        dropped_messages = status.droppedMessages
        workers = status.workers.map(Worker.init)
        requests = status.requests.map {
            Request(
                request_id: $0.requestID, state: $0.state, prompt_tokens: $0.promptTokens,
                generated_tokens: $0.generatedTokens, sequences: $0.sequences,
                seconds: Double($0.ageMilliseconds) / 1_000)
        }
    }
}

extension StatusLine.Worker {
    fileprivate init(_ worker: WorkerStatus) {
        name = worker.name
        state = worker.state
        host_id = worker.hostID
        endpoint = worker.dataEndpoint
        threads = worker.cores
        memory_bytes = worker.memoryBytes
        instruction_set = worker.instructionSet
        stage = worker.stage
        first_layer = worker.firstLayer
        layer_count = worker.layerCount
        weight_bytes = worker.weightBytes
        cache_bytes = worker.cacheBytes
        resident_bytes = worker.statistics?.residentBytes
        batches = worker.statistics?.batches
        rows = worker.statistics?.rows
        busy_seconds = worker.statistics.map { Double($0.busyMicroseconds) / 1e6 }
        speeds = worker.speeds.map {
            StatusLine.Speed(
                rows: $0.rows, milliseconds_per_layer: $0.millisecondsPerLayer,
                head_milliseconds: $0.headMilliseconds)
        }
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
