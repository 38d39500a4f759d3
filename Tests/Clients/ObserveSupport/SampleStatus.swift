import Messages

/// Statuses of a cluster with one pipeline, for tests of what is made of them.
package enum SampleStatus {
    package static func statistics(
        batches: UInt64, rows: UInt64, busy: UInt64, waiting: UInt64? = nil, bytes: UInt64? = nil
    ) -> Statistics {
        Statistics {
            $0.batches = batches
            $0.rows = rows
            $0.busyMicroseconds = busy
            $0.queuedBatches = 3
            $0.waitingMicroseconds = waiting
            $0.sentBytes = bytes
            $0.receivedBytes = bytes.map { 2 * $0 }
        }
    }

    package static func worker(_ statistics: Statistics?, clock: UInt64? = nil, name: String = "a") -> WorkerStatus {
        WorkerStatus(name: name, state: "ready") {
            $0.dataEndpoint = "tcp://127.0.0.1:1"
            $0.cores = 1
            $0.instructionSet = "avx2"
            $0.stage = 0
            $0.firstLayer = 0
            $0.layerCount = 24
            $0.cacheBytes = 1_000_000_000
            $0.statistics = statistics
            $0.pipeline = 0
            $0.clockMicroseconds = clock
        }
    }

    package static func status(uptime: UInt64, tokens: UInt64 = 0, _ workers: [WorkerStatus] = []) -> Status {
        Status(requestID: 1) {
            $0.model = "xl"
            $0.ready = true
            $0.state = "ready: 1 stages"
            $0.uptimeMilliseconds = uptime
            $0.layerCount = 24
            $0.context = 1024
            $0.workersWanted = 1
            $0.blocks = 100
            $0.freeBlocks = 75
            $0.generatedTokens = tokens
            $0.workers = workers
            $0.pipelines = [
                PipelineStatus(pipeline: 0, stages: 1, blocks: 100, freeBlocks: 75, batchesInFlight: 1) {
                    $0.cachedBlocks = 20
                    $0.inFlightLimit = 2
                    $0.inFlightReason = "measured"
                }
            ]
        }
    }
}
