import Scheduling
import SchedulingSupport
import Testing

@Suite("How much goes into a batch")
struct ChunkingTests {
    @Test("a prompt is cut so that a batch takes the slowest machine a step")
    func steps() throws {
        var test = TestScheduler(
            [.row(of: 1, blocks: 256, milliseconds: 8)], limits: SchedulerLimits(stepMilliseconds: 100))
        try test.generate(1, prompt: 1_000, tokens: 1)
        try test.run()
        // 8 ms for each 8 rows: 96 rows, whole tiles of 16, take 96 ms.
        #expect(test.batches.map(\.rows) == Array(repeating: 96, count: 10) + [40])
    }

    @Test("single tokens ride along with chunks of a prompt")
    func rideAlong() throws {
        var test = TestScheduler([.row(of: 1, blocks: 256)], limits: SchedulerLimits(stepMilliseconds: 50))
        try test.generate(1, prompt: 5, tokens: 50)
        try test.run(3)
        try test.generate(2, prompt: 500, tokens: 1)
        try test.run(8)
        for batch in test.batches.suffix(8) {
            #expect(batch.slices.map(\.sequence) == [1, 2] && batch.decodeRows == 1)
        }
    }

    @Test("chunks of one prompt fill successive stages")
    func successiveStages() throws {
        var test = TestScheduler([.row(of: 4, blocks: 256)], limits: SchedulerLimits(stepMilliseconds: 50))
        try test.generate(1, prompt: 500, tokens: 1)
        var sent: [ScheduledBatch] = []
        while let batch = test.send() { sent.append(batch) }
        #expect(sent.count >= 4)
        #expect(zip(sent, sent.dropFirst()).allSatisfy { $0.slices[0].start + $0.rows == $1.slices[0].start })
    }

    @Test("streams are dealt to batches by what they cost: one that is long counts as several that are short")
    func balancedByCost() throws {
        var test = TestScheduler([.row(of: 2, blocks: 512, milliseconds: 1)], limits: SchedulerLimits(batchRows: 1_024))
        try test.generate(1, prompt: 900, tokens: 100)
        for id in 2...25 as ClosedRange<SequenceID> { try test.generate(id, prompt: 3, tokens: 100) }
        for _ in 0..<60 {
            while test.send() != nil {}
            try test.complete()
        }
        let batch = try #require(
            test.batches.last { $0.slices.contains { $0.sequence == 1 } && $0.decodeRows == $0.rows })
        let other = try #require(
            test.batches.last { $0.decodeRows == $0.rows && !$0.slices.contains { $0.sequence == 1 } })
        #expect(batch.rows < other.rows, "\(batch.rows) and \(other.rows)")
        #expect(batch.rows + other.rows == 25)
    }

    @Test("what stages really take replaces what was said of them")
    func refined() throws {
        var test = TestScheduler(
            [.row(of: 1, blocks: 256, milliseconds: 8)], limits: SchedulerLimits(stepMilliseconds: 100))
        for id in 1...40 as ClosedRange<SequenceID> {
            try test.generate(id, prompt: 500, tokens: 1)
            while let batch = test.send() { try test.complete(stageMilliseconds: [2 * Double(batch.rows)]) }
        }
        // Twice as slow as described.
        #expect(
            test.batches.suffix(20).filter { $0.rows > 20 }.allSatisfy { $0.rows == 48 }, "\(test.batches.map(\.rows))")
    }
}
