import Testing

@Suite("Scheduler under random events")
struct SchedulerPropertyTests {
    @Test("thousands of random lives go by the rules, and all that is accepted finishes")
    func invariants() {
        var accepted = 0
        var completed = 0
        for seed in 0..<3_000 as Range<UInt64> {
            var simulation = SchedulerSimulation(seed: seed)
            do throws(Violation) {
                try simulation.run(events: 120)
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
            accepted += simulation.accepted
            completed += simulation.completed
        }
        // Else the lives above would show little.
        #expect(accepted > 30_000, "\(accepted) accepted")
        #expect(completed > 15_000, "\(completed) completed")
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
