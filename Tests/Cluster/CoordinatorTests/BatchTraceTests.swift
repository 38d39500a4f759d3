import Coordinator
import Messages
import TestSupport
import Testing
import Wire

@Suite("The trace of batches")
struct BatchTraceTests {
    private func batch(_ id: UInt64, rows: [Int] = [1]) -> Batch {
        Batch(
            batchID: id,
            slices: rows.map {
                Slice(sequenceID: 1, index: 0, start: 0, tokens: Array(repeating: 7, count: $0), blockTable: [])
            })
    }

    private func timing(_ stage: UInt32, _ received: UInt64, _ started: UInt64, _ ended: UInt64) -> StageTiming {
        StageTiming(
            stage: stage, receivedMicroseconds: received, startedMicroseconds: started, endedMicroseconds: ended)
    }

    private func trace(_ trace: BatchTrace, after cursor: UInt64) -> Trace {
        trace.trace(1, after: cursor, stages: [], now: 0)
    }

    /// Batches 1 ... `count`, one after the other.
    private func filled(_ count: UInt64, capacity: Int) -> BatchTrace {
        var trace = BatchTrace(capacity: capacity)
        for id in 1...count {
            trace.sent(batch(id), decodeRows: 1, epoch: 1, pipeline: 0, now: id * 10)
            trace.finished(BatchResult(batchID: id), now: id * 10 + 5) { _ in 0 }
        }
        return trace
    }

    @Test("a batch is there once its result is, with its rows and its stages' times in the coordinator's clock")
    func record() {
        var batches = BatchTrace()
        #expect(trace(batches, after: 0) == Trace(requestID: 1, next: 1, clockMicroseconds: 0))
        batches.sent(batch(9, rows: [64, 1, 1]), decodeRows: 2, epoch: 3, pipeline: 1, now: 1_000)
        #expect(trace(batches, after: 1).records.isEmpty)
        let result = BatchResult(batchID: 9, timings: [timing(0, 50, 60, 160), timing(1, 9_200, 9_210, 9_300)])
        batches.finished(result, now: 1_400) { [1_000, -8_000][$0] }
        let found = trace(batches, after: 1)
        #expect(found.next == 2 && found.lost == 0)
        #expect(
            found.records == [
                TraceRecord(batchID: 9, epoch: 3, pipeline: 1, sentMicroseconds: 1_000, receivedMicroseconds: 1_400) {
                    $0.rows = 66
                    $0.sequences = 3
                    $0.promptRows = 64
                    $0.decodeRows = 2
                    $0.timings = [timing(0, 1_050, 1_060, 1_160), timing(1, 1_200, 1_210, 1_300)]
                }
            ])
    }

    @Test("a cursor gives every batch once, in order")
    func cursor() {
        let batches = filled(2_000, capacity: 4_096)
        var cursor = trace(filled(1, capacity: 8), after: 0).next - 1
        var seen: [UInt64] = []
        for _ in 0..<10 {
            let answer = trace(batches, after: cursor)
            #expect(answer.records.count <= WireLimits.traceRecords && answer.lost == 0)
            seen += answer.records.map(\.batchID)
            cursor = answer.next
        }
        #expect(seen == Array(1...2_000))
    }

    @Test("only the newest are kept, and it is said how many were lost")
    func lost() {
        let batches = filled(100, capacity: 10)
        let answer = trace(batches, after: 50)
        #expect(answer.lost == 41)
        #expect(answer.records.map(\.batchID) == Array(91...100))
        #expect(answer.next == 101)
    }

    @Test("a cursor that cannot be gets nothing but the right one", arguments: [0, 102, .max] as [UInt64])
    func wrongCursor(cursor: UInt64) {
        #expect(trace(filled(100, capacity: 10), after: cursor) == Trace(requestID: 1, next: 101, clockMicroseconds: 0))
    }

    @Test("results of batches that were not sent, and of a plan that is over, are passed over")
    func unknown() {
        var batches = BatchTrace()
        batches.finished(BatchResult(batchID: 5), now: 1) { _ in 0 }
        batches.sent(batch(6), decodeRows: 1, epoch: 1, pipeline: 0, now: 1)
        batches.planEnded()
        batches.finished(BatchResult(batchID: 6), now: 2) { _ in 0 }
        #expect(trace(batches, after: 1).records.isEmpty)
    }

    @Test("stages whose clock is not known are left out, and so are those that a worker makes up")
    func unknownStages() {
        var batches = BatchTrace()
        batches.sent(batch(1), decodeRows: 1, epoch: 1, pipeline: 0, now: 10)
        let timings = [timing(0, 11, 12, 13), timing(0, 14, 15, 16), timing(7, 14, 15, 16)]
        batches.finished(BatchResult(batchID: 1, timings: timings), now: 20) { $0 == 0 ? 0 : nil }
        #expect(trace(batches, after: 1).records.first?.timings == [timing(0, 11, 12, 13)])
    }

    @Test("whatever workers say, stages follow one another within the batch", arguments: 0..<100 as Range<UInt64>)
    func order(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var batches = BatchTrace()
        let sent = UInt64(random.int(0...1_000_000))
        batches.sent(batch(1), decodeRows: 1, epoch: 1, pipeline: 0, now: sent)
        func time() -> UInt64 { random.chance(10) ? .max : UInt64(random.int(0...2_000_000)) }
        let timings = (0..<4 as Range<UInt32>).map { timing($0, time(), time(), time()) }
        let offsets = (0..<4).map { _ in random.chance(10) ? Int64.min : Int64(random.int(-1_000_000...1_000_000)) }
        let received = sent + UInt64(random.int(0...1_000_000))
        batches.finished(BatchResult(batchID: 1, timings: timings), now: received) { offsets[$0] }
        let record = try #require(trace(batches, after: 1).records.first)
        let times = record.timings.flatMap { [$0.receivedMicroseconds, $0.startedMicroseconds, $0.endedMicroseconds] }
        #expect(times.count == 12, "seed \(seed)")
        #expect(([sent] + times + [received]) == ([sent] + times + [received]).sorted(), "seed \(seed)")
    }
}
