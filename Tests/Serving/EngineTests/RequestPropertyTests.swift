import Testing

@Suite("Requests under random events")
struct RequestPropertyTests {
    @Test("every client gets what a direct loop gives, nobody else gets anything, and no block is lost")
    func lives() throws {
        var completed = 0
        for seed in UInt64(0)..<400 {
            do {
                var simulation = try RequestSimulation(seed: seed)
                try simulation.run(events: 150)
                completed += simulation.completed
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
        // Else the lives above would show little.
        #expect(completed > 2_000, "\(completed) completed")
    }
}
