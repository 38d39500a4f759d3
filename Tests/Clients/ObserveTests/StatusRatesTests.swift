import Messages
import Observe
import Testing

/// What `paceline status --watch` makes of one status after the other.
@Suite("Rates of a live table")
struct StatusRatesTests {
    private func statistics(
        batches: UInt64, rows: UInt64, busy: UInt64, waiting: UInt64? = nil, bytes: UInt64? = nil
    ) -> Statistics {
        Statistics {
            $0.batches = batches
            $0.rows = rows
            $0.busyMicroseconds = busy
            $0.receivedSequence = 0
            $0.sentSequence = 0
            $0.droppedMessages = 0
            $0.residentBytes = 0
            $0.queuedBatches = 3
            $0.waitingMicroseconds = waiting
            $0.sentBytes = bytes
            $0.receivedBytes = bytes.map { 2 * $0 }
        }
    }

    private func worker(_ statistics: Statistics?, clock: UInt64? = nil, name: String = "a") -> WorkerStatus {
        WorkerStatus(name: name, state: "ready") {
            $0.hostID = ""
            $0.dataEndpoint = "tcp://127.0.0.1:1"
            $0.cores = 1
            $0.memoryBytes = 0
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

    private func status(uptime: UInt64, tokens: UInt64 = 0, _ workers: [WorkerStatus] = []) -> Status {
        Status(requestID: 1) {
            $0.model = "xl"
            $0.modelSHA256 = []
            $0.software = ""
            $0.ready = true
            $0.state = "ready: 1 stages"
            $0.uptimeMilliseconds = uptime
            $0.layerCount = 24
            $0.context = 1024
            $0.workersWanted = 1
            $0.blocks = 100
            $0.freeBlocks = 75
            $0.queuedRequests = 0
            $0.finishedRequests = 0
            $0.generatedTokens = tokens
            $0.droppedMessages = 0
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

    @Test("a stage's rates are over the time between two heartbeats, by the worker's own clock")
    func stage() throws {
        var rates = StatusRates()
        rates.update(
            status(uptime: 0, [worker(statistics(batches: 10, rows: 100, busy: 0, waiting: 0, bytes: 0), clock: 7)]))
        let now = worker(
            statistics(batches: 30, rows: 600, busy: 500_000, waiting: 1_400_000, bytes: 4_000_000), clock: 2_000_007)
        #expect(rates.stage(of: now) == nil)
        rates.update(status(uptime: 1_000, [now]))
        let stage = try #require(rates.stage(of: now))
        #expect(stage.busy == 0.25 && stage.waiting == 0.7)
        #expect(stage.millisecondsPerBatch == 25 && stage.tokensPerSecond == 250)
        #expect(stage.sentBytesPerSecond == 2_000_000 && stage.receivedBytesPerSecond == 4_000_000)
    }

    @Test("the same heartbeat twice changes nothing; tables may come faster than heartbeats")
    func sameHeartbeat() throws {
        var rates = StatusRates()
        let first = worker(statistics(batches: 0, rows: 0, busy: 0), clock: 0)
        let second = worker(statistics(batches: 4, rows: 8, busy: 500_000), clock: 1_000_000)
        for (number, worker) in [first, first, second, second, second].enumerated() {
            rates.update(status(uptime: UInt64(number) * 200, [worker]))
        }
        #expect(rates.stage(of: second)?.busy == 0.5)
        #expect(rates.stage(of: second)?.tokensPerSecond == 8)
        // A third heartbeat is held against the second one, not against the last status.
        let third = worker(statistics(batches: 4, rows: 8, busy: 500_000, waiting: 1), clock: 2_000_000)
        rates.update(status(uptime: 1_000, [third]))
        #expect(rates.stage(of: third)?.busy == 0)
        #expect(rates.stage(of: third)?.millisecondsPerBatch == nil)
    }

    @Test("where no clock comes along, the coordinator's has to do")
    func withoutClock() {
        var rates = StatusRates()
        rates.update(status(uptime: 1_000, [worker(statistics(batches: 0, rows: 0, busy: 0))]))
        let now = worker(statistics(batches: 1, rows: 5, busy: 1_000_000))
        rates.update(status(uptime: 3_000, [now]))
        #expect(rates.stage(of: now)?.busy == 0.5)
        #expect(rates.stage(of: now)?.waiting == nil && rates.stage(of: now)?.sentBytesPerSecond == nil)
    }

    @Test("a new plan begins anew, and so does a worker that was away")
    func newPlan() {
        var rates = StatusRates()
        rates.update(status(uptime: 0, [worker(statistics(batches: 100, rows: 100, busy: 9_000_000), clock: 0)]))
        let reset = worker(statistics(batches: 1, rows: 1, busy: 10), clock: 1_000_000)
        rates.update(status(uptime: 1_000, [reset]))
        #expect(rates.stage(of: reset) == nil)
        rates.update(status(uptime: 2_000, []))
        rates.update(status(uptime: 3_000, [reset]))
        #expect(rates.stage(of: reset) == nil)
    }

    @Test("tokens of the cluster are over the time between two statuses")
    func tokens() {
        var rates = StatusRates()
        rates.update(status(uptime: 1_000, tokens: 100))
        #expect(rates.tokensPerSecond == nil)
        rates.update(status(uptime: 3_000, tokens: 400))
        #expect(rates.tokensPerSecond == 150)
        // Another life of the coordinator.
        rates.update(status(uptime: 10, tokens: 0))
        #expect(rates.tokensPerSecond == nil)
    }
}
