import Messages
import Observe
import ObserveSupport
import Testing

/// What `paceline status --watch` makes of one status after the other.
@Suite("Rates of a live table")
struct StatusRatesTests {
    @Test("a stage's rates are over the time between two heartbeats, by the worker's own clock")
    func stage() throws {
        var rates = StatusRates()
        rates.update(
            SampleStatus.status(
                uptime: 0,
                [
                    SampleStatus.worker(
                        SampleStatus.statistics(batches: 10, rows: 100, busy: 0, waiting: 0, bytes: 0), clock: 7)
                ]))
        let now = SampleStatus.worker(
            SampleStatus.statistics(batches: 30, rows: 600, busy: 500_000, waiting: 1_400_000, bytes: 4_000_000),
            clock: 2_000_007)
        #expect(rates.stage(of: now) == nil)
        rates.update(SampleStatus.status(uptime: 1_000, [now]))
        let stage = try #require(rates.stage(of: now))
        #expect(stage.busy == 0.25 && stage.waiting == 0.7)
        #expect(stage.millisecondsPerBatch == 25 && stage.tokensPerSecond == 250)
        #expect(stage.sentBytesPerSecond == 2_000_000 && stage.receivedBytesPerSecond == 4_000_000)
    }

    @Test("the same heartbeat twice changes nothing; tables may come faster than heartbeats")
    func sameHeartbeat() throws {
        var rates = StatusRates()
        let first = SampleStatus.worker(SampleStatus.statistics(batches: 0, rows: 0, busy: 0), clock: 0)
        let second = SampleStatus.worker(SampleStatus.statistics(batches: 4, rows: 8, busy: 500_000), clock: 1_000_000)
        for (number, worker) in [first, first, second, second, second].enumerated() {
            rates.update(SampleStatus.status(uptime: UInt64(number) * 200, [worker]))
        }
        #expect(rates.stage(of: second)?.busy == 0.5)
        #expect(rates.stage(of: second)?.tokensPerSecond == 8)
        // A third heartbeat is held against the second one, not against the last status.
        let third = SampleStatus.worker(
            SampleStatus.statistics(batches: 4, rows: 8, busy: 500_000, waiting: 1), clock: 2_000_000)
        rates.update(SampleStatus.status(uptime: 1_000, [third]))
        #expect(rates.stage(of: third)?.busy == 0)
        #expect(rates.stage(of: third)?.millisecondsPerBatch == nil)
    }

    @Test("where no clock comes along, the coordinator's has to do")
    func withoutClock() {
        var rates = StatusRates()
        rates.update(
            SampleStatus.status(
                uptime: 1_000, [SampleStatus.worker(SampleStatus.statistics(batches: 0, rows: 0, busy: 0))]))
        let now = SampleStatus.worker(SampleStatus.statistics(batches: 1, rows: 5, busy: 1_000_000))
        rates.update(SampleStatus.status(uptime: 3_000, [now]))
        #expect(rates.stage(of: now)?.busy == 0.5)
        #expect(rates.stage(of: now)?.waiting == nil && rates.stage(of: now)?.sentBytesPerSecond == nil)
    }

    @Test("a new plan begins anew, and so does a worker that was away")
    func newPlan() {
        var rates = StatusRates()
        rates.update(
            SampleStatus.status(
                uptime: 0,
                [SampleStatus.worker(SampleStatus.statistics(batches: 100, rows: 100, busy: 9_000_000), clock: 0)]))
        let reset = SampleStatus.worker(SampleStatus.statistics(batches: 1, rows: 1, busy: 10), clock: 1_000_000)
        rates.update(SampleStatus.status(uptime: 1_000, [reset]))
        #expect(rates.stage(of: reset) == nil)
        rates.update(SampleStatus.status(uptime: 2_000, []))
        rates.update(SampleStatus.status(uptime: 3_000, [reset]))
        #expect(rates.stage(of: reset) == nil)
    }

    @Test("tokens of the cluster are over the time between two statuses")
    func tokens() {
        var rates = StatusRates()
        rates.update(SampleStatus.status(uptime: 1_000, tokens: 100))
        #expect(rates.tokensPerSecond == nil)
        rates.update(SampleStatus.status(uptime: 3_000, tokens: 400))
        #expect(rates.tokensPerSecond == 150)
        // Another life of the coordinator.
        rates.update(SampleStatus.status(uptime: 10, tokens: 0))
        #expect(rates.tokensPerSecond == nil)
    }
}
