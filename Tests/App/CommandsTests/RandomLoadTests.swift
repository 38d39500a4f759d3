import Scheduling
import Testing

@Suite("The same bits under any load", .serialized)
struct RandomLoadTests {
    @Test("chunks, batches in flight, replicas, reuse and preemption change no token and no log-probability")
    func sameBits() throws {
        let rows = [try EmbeddedModel.row(cutAt: [3]), try EmbeddedModel.row(cutAt: [2, 6])]
        let whole = try EmbeddedModel.row(cutAt: [])
        let vocabulary = try EmbeddedModel.served().vocabularySize
        var reused: UInt64 = 0
        var preempted: UInt64 = 0
        for seed in 0..<250 as Range<UInt64> {
            var load = RandomLoad(seed: seed, vocabulary: vocabulary)
            let answers = try load.run(on: rows)
            let alone = try load.runAlone(on: whole)
            guard answers == alone, answers.count == load.requests.count else {
                Issue.record("seed \(seed): \(answers.filter { alone[$0.key] != $0.value }.keys.sorted()) differ")
                return
            }
            reused += load.statistics.hits
            preempted += load.statistics.preemptions
        }
        // Else the loads above would show little.
        #expect(reused > 10_000 && preempted > 50, "\(reused) positions reused, \(preempted) preemptions")
    }
}
