import Messages
import Testing
import Worker

@Suite("What a worker tells of itself")
struct WorkerStatisticsTests {
    private func timing(_ started: UInt64, _ ended: UInt64, rows: UInt32 = 1) -> StageTiming {
        StageTiming(
            stage: 0, receivedMicroseconds: started, startedMicroseconds: started, endedMicroseconds: ended, rows: rows)
    }

    private func report(_ statistics: WorkerStatistics, now: UInt64) -> Statistics {
        statistics.report(received: 0, sent: 0, sentBytes: 0, dropped: 0, queued: 0, now: now)
    }

    @Test("it waits from when its layers are loaded to the first batch, and between batches")
    func waiting() {
        var statistics = WorkerStatistics()
        #expect(report(statistics, now: 900).waitingMicroseconds == 0)
        statistics.loaded(now: 1_000)
        #expect(report(statistics, now: 1_300).waitingMicroseconds == 300)
        statistics.received(bytes: 10, now: 1_500)
        #expect(report(statistics, now: 1_900).waitingMicroseconds == 500)
        statistics.finished(timing(1_510, 2_000))
        #expect(report(statistics, now: 2_100).waitingMicroseconds == 600)
        statistics.received(bytes: 10, now: 2_200)
        #expect(report(statistics, now: 9_000).waitingMicroseconds == 700)
    }

    @Test("with another batch in the queue it does not wait")
    func queued() {
        var statistics = WorkerStatistics()
        statistics.loaded(now: 0)
        statistics.received(bytes: 1, now: 0)
        statistics.received(bytes: 1, now: 50)
        statistics.finished(timing(0, 100))
        #expect(report(statistics, now: 150).waitingMicroseconds == 0)
        statistics.finished(timing(110, 200))
        #expect(report(statistics, now: 250).waitingMicroseconds == 50)
    }

    @Test("batches, rows, time and bytes are summed up")
    func sums() {
        var statistics = WorkerStatistics()
        statistics.loaded(now: 0)
        for number in 0..<3 as Range<UInt64> {
            statistics.received(bytes: 100, now: number * 1_000)
            statistics.finished(timing(number * 1_000 + 10, number * 1_000 + 60, rows: 5))
        }
        let report = statistics.report(received: 3, sent: 2, sentBytes: 77, dropped: 1, queued: 4, now: 3_000)
        #expect(report.batches == 3 && report.rows == 15 && report.busyMicroseconds == 150)
        #expect(report.receivedBytes == 300 && report.sentBytes == 77)
        #expect(report.receivedSequence == 3 && report.sentSequence == 2)
        #expect(report.droppedMessages == 1 && report.queuedBatches == 4)
        #expect(report.residentBytes > 0)
        #expect(report.waitingMicroseconds == 3_000 - 3 * 60)
    }
}
