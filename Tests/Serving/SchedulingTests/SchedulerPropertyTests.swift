import Scheduling
import TestSupport
import Testing

@Suite("Scheduler under random events")
struct SchedulerPropertyTests {
    @Test("no rule is broken in thousands of random histories, and every accepted sequence finishes")
    func invariants() {
        var accepted = 0
        var completed = 0
        var statistics = SchedulerStatistics()
        var mostInFlight = 0
        for offset in 0..<4_000 as Range<UInt64> {
            let seed = TestSeed.value &+ offset
            var simulation = SchedulerSimulation(seed: seed)
            do throws(Violation) {
                try simulation.run(events: 150)
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
            accepted += simulation.accepted
            completed += simulation.completed
            mostInFlight = max(mostInFlight, simulation.mostInFlight)
            statistics.preemptions += simulation.statistics.preemptions
            statistics.hits += simulation.statistics.hits
        }
        // Otherwise the histories above would show little.
        #expect(accepted > 40_000, "\(accepted) accepted")
        #expect(completed > 20_000, "\(completed) completed")
        #expect(statistics.preemptions > 1_000, "\(statistics.preemptions) preemptions")
        #expect(statistics.hits > 100_000, "\(statistics.hits) positions reused")
        #expect(mostInFlight >= 4)
    }

    @Test("the same events give the same actions, whatever else the answers hold")
    func deterministic() throws {
        for offset in 0..<300 as Range<UInt64> {
            let seed = TestSeed.value &+ offset
            var first = SchedulerSimulation(seed: seed)
            var second = SchedulerSimulation(seed: seed, answersUnasked: true)
            try first.run(events: 120)
            try second.run(events: 120)
            #expect(first.actions == second.actions, "seed \(seed)")
        }
    }
}
