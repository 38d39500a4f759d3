import Scheduling
import Testing

@Suite("Scheduler under random events")
struct SchedulerPropertyTests {
    @Test("thousands of random lives go by the rules, and all that is accepted finishes")
    func invariants() {
        var accepted = 0
        var completed = 0
        var statistics = SchedulerStatistics()
        var mostFlights = 0
        for seed in 0..<4_000 as Range<UInt64> {
            var simulation = SchedulerSimulation(seed: seed)
            do throws(Violation) {
                try simulation.run(events: 150)
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
            accepted += simulation.accepted
            completed += simulation.completed
            mostFlights = max(mostFlights, simulation.mostFlights)
            statistics.preemptions += simulation.statistics.preemptions
            statistics.reusedPositions += simulation.statistics.reusedPositions
        }
        // Else the lives above would show little.
        #expect(accepted > 40_000, "\(accepted) accepted")
        #expect(completed > 20_000, "\(completed) completed")
        #expect(statistics.preemptions > 1_000, "\(statistics.preemptions) preemptions")
        #expect(statistics.reusedPositions > 100_000, "\(statistics.reusedPositions) positions reused")
        #expect(mostFlights >= 4)
    }

    @Test("the same events give the same directives, whatever else the answers hold")
    func deterministic() throws {
        for seed in 0..<300 as Range<UInt64> {
            var first = SchedulerSimulation(seed: seed)
            var second = SchedulerSimulation(seed: seed, answersUnasked: true)
            try first.run(events: 120)
            try second.run(events: 120)
            #expect(first.directives == second.directives, "seed \(seed)")
        }
    }
}
