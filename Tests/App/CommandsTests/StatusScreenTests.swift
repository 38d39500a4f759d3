import Commands
import Messages
import Observe
import Testing

/// What `paceline status --watch` shows.
@Suite("A live table")
struct StatusScreenTests {
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

    @Test("the table shows pipelines in order, stages with their rates, and requests")
    func table() throws {
        var rates = StatusRates()
        rates.update(status(uptime: 0, [worker(statistics(batches: 0, rows: 0, busy: 0, waiting: 0), clock: 0)]))
        var now = status(
            uptime: 1_000,
            [
                worker(nil, name: "spare"),
                worker(statistics(batches: 4, rows: 40, busy: 800_000, waiting: 100_000, bytes: 9), clock: 1_000_000),
            ])
        now.workers[0].stage = nil
        now.requests = [
            RequestStatus(requestID: 5, state: "decode", promptTokens: 12, sequences: 1, ageMilliseconds: 2_500) {
                $0.generatedTokens = 34
                $0.firstTokenMilliseconds = 321
                $0.priority = .high
                $0.tokensPerSecond = 17.25
                $0.client = "00ab"
            }
        ]
        rates.update(now)
        let lines = StatusScreen(now, rates).text.split(separator: "\n").map { line in
            line.split(separator: " ").joined(separator: " ")
        }
        #expect(
            lines.contains(
                "pipeline 0: 1 stages, 1 of at most 2 batches in flight (measured); 25 of 100 KV cache blocks in use, "
                    + "20 kept to be reused"))
        let stage = try #require(lines.firstIndex { $0.hasPrefix("0 a ready 0-23 80 % 10 % 3 200.0 40.0 ") })
        #expect(lines[stage].hasSuffix(" 25 %"))
        #expect(lines[stage + 1].hasPrefix("- spare"))
        #expect(lines.contains("5 00ab high decode 12 34 17.2 321 ms 2.5"))
    }

    @Test("a table that is too tall says how much of it is missing")
    func tall() {
        let lines = (1...30).map { StyledLine(text: "\($0)") }
        #expect(TerminalScreen.fitting(lines, rows: 30) == lines)
        let fitting = TerminalScreen.fitting(lines, rows: 10)
        #expect(fitting.count == 10)
        #expect(fitting.dropLast() == lines.prefix(9))
        #expect(fitting.last?.text == "and 21 more lines")
    }
}
