import Scheduling
import SchedulingSupport
import Testing

@Suite("Prefix cache")
struct PrefixReuseTests {
    @Test("a prompt that begins like an earlier one runs only what differs, in the earlier one's blocks")
    func sharedBeginning() throws {
        var test = TestScheduler([.alone(blocks: 16)])
        try test.generate(1, prompt: 40, tokens: 1, first: 7)
        try test.run()
        let text = TestScheduler.text(32, first: 7) + [1, 2, 3]
        try test.scheduler.submit([SequenceRequest(id: 2, tokens: text, purpose: .generate(maximumTokens: 1))])
        let next = test.send()
        let batch = try #require(next)
        #expect(batch.slices.map(\.tokens) == [[1, 2, 3]] && batch.slices[0].start == 32)
        #expect(batch.slices[0].blockTable.prefix(2) == test.batches[0].slices[0].blockTable.prefix(2))
        #expect(batch.copies == [])
        #expect(test.scheduler.statistics.hits == 32)
        #expect(test.scheduler.statistics.queries == 39 + 34)
    }

    @Test("one that differs in the middle of a block gets a copy of it")
    func copyOnWrite() throws {
        var test = TestScheduler([.alone(blocks: 16)])
        try test.generate(1, prompt: 40, tokens: 1, first: 7)
        try test.run()
        let earlier = test.batches[0].slices[0].blockTable
        let text = TestScheduler.text(20, first: 7) + [1, 2, 3]
        try test.scheduler.submit([SequenceRequest(id: 2, tokens: text, purpose: .generate(maximumTokens: 1))])
        let next = test.send()
        let batch = try #require(next)
        #expect(batch.slices[0].start == 20 && batch.slices[0].tokens == [1, 2, 3])
        #expect(batch.slices[0].blockTable[0] == earlier[0] && batch.slices[0].blockTable[1] != earlier[1])
        #expect(batch.copies == [ScheduledCopy(from: earlier[1], to: batch.slices[0].blockTable[1])])
    }

    @Test("the same prompt again runs its last token, because its successor is sampled")
    func samePrompt() throws {
        var test = TestScheduler([.alone(blocks: 16)])
        for id in 1...2 as ClosedRange<SequenceID> {
            try test.generate(id, prompt: 33, tokens: 1, first: 7)
            try test.run()
        }
        #expect(test.rows(of: 1) == 33 && test.rows(of: 2) == 1)
    }

    @Test("a text that goes on from an answer reuses the answer as well")
    func conversation() throws {
        var test = TestScheduler([.alone(blocks: 16)])
        try test.generate(1, prompt: 20, tokens: 30, first: 7)
        try test.run()
        let text = TestScheduler.text(20, first: 7) + (test.sampled[1] ?? []) + [5, 6]
        try test.scheduler.submit([SequenceRequest(id: 2, tokens: text, purpose: .generate(maximumTokens: 1))])
        try test.run()
        #expect(test.rows(of: 2) == 3, "the last token sampled was never run")
    }

    @Test("sequences of one request run their prompt once")
    func siblings() throws {
        var test = TestScheduler([.alone(blocks: 64)])
        for id in 1...5 as ClosedRange<SequenceID> {
            try test.generate(id, prompt: 100, tokens: 4, group: 1, first: 7)
        }
        try test.run()
        #expect((2...5).map { test.rows(of: $0) } == [4, 4, 4, 4] && test.rows(of: 1) == 103)
        #expect(test.sampled.values.allSatisfy { $0.count == 4 })
    }

    @Test("the least recently used block is evicted first")
    func leastRecentlyUsed() throws {
        var test = TestScheduler([.alone(blocks: 6)])
        for first in [100, 200, 300] as [Int32] {
            try test.generate(SequenceID(first), prompt: 32, tokens: 1, first: first)
            try test.run()
        }
        // The first is used again, then blocks for one more are needed.
        try test.generate(1, prompt: 32, tokens: 1, first: 100)
        try test.run()
        try test.generate(2, prompt: 32, tokens: 1, first: 400)
        try test.run()
        try test.generate(3, prompt: 32, tokens: 1, first: 100)
        try test.generate(4, prompt: 32, tokens: 1, first: 200)
        try test.run()
        #expect(test.rows(of: 1) == 1 && test.rows(of: 3) == 1, "still there")
        #expect(test.rows(of: 4) == 32, "gone")
    }

    @Test("evictions are counted: blocks that were taken for another text while they held something")
    func evictions() throws {
        var test = TestScheduler([.alone(blocks: 4)])
        for first in [100, 200] as [Int32] {
            try test.generate(SequenceID(first), prompt: 32, tokens: 1, first: first)
            try test.run()
        }
        #expect(test.scheduler.statistics.evictions == 0 && test.scheduler.cachedBlocks == 4)
        try test.generate(1, prompt: 32, tokens: 1, first: 300)
        try test.run()
        #expect(test.scheduler.statistics.evictions == 2)
        _ = test.scheduler.pipelinesLost()
        #expect(test.scheduler.statistics.evictions == 2)
        test.scheduler.pipelinesReady([.alone(blocks: 4)])
        #expect(test.scheduler.statistics.evictions == 2 && test.scheduler.cachedBlocks == 0)
    }

    @Test("a batch that failed leaves nothing to reuse")
    func failed() throws {
        var test = TestScheduler([.alone(blocks: 16)])
        try test.generate(1, prompt: 40, tokens: 1, first: 7)
        let next = test.send()
        let batch = try #require(next)
        test.scheduler.finish(1)
        #expect(test.scheduler.complete(BatchOutcome(batch: batch.id, isFailed: true)) != nil)
        #expect(test.scheduler.cachedBlocks == 0)
        try test.generate(2, prompt: 40, tokens: 1, first: 7)
        try test.run()
        #expect(test.rows(of: 2) == 40)
    }

    @Test("a sequence is cut back to any length and goes on from there, running no more than it must")
    func cutBack() throws {
        var test = TestScheduler([.alone(blocks: 16)])
        try test.generate(1, prompt: 20, tokens: 60)
        try test.run(40)
        let before = test.rows(of: 1)
        test.scheduler.cutBack(1, to: 22)
        #expect(test.scheduler.tokens(of: 1)?.count == 22)
        #expect(test.scheduler.freeBlocks == 14)
        let next = test.send()
        let batch = try #require(next)
        #expect(batch.slices.map(\.start) == [21] && batch.slices[0].tokens.count == 1)
        try test.complete()
        try test.run()
        #expect(test.rows(of: 1) == before + 58, "positions 21 to 78")
    }

    @Test("cut back while a copy waits to be made, it does not write over another's block")
    func cutBackWithCopy() throws {
        var test = TestScheduler([.alone(blocks: 7)], context: 128, limits: SchedulerLimits(batchRows: 4))
        try test.generate(1, prompt: 20, tokens: 60)
        try test.run(30)
        // The older grows into the younger's blocks.
        try test.generate(2, prompt: 10, tokens: 60)
        for _ in 0..<200 where !test.scheduler.isIdle {
            if let tokens = test.scheduler.tokens(of: 2), tokens.count > 12, test.scheduler.isRunning(2) {
                test.scheduler.cutBack(2, to: 11)
            }
            guard let batch = test.send() else { break }
            let tables = test.scheduler.blockTables.values
            for copy in batch.copies {
                #expect(tables.contains { $0.contains(copy.to) }, "a copy into nobody's block")
            }
            try test.complete()
            if test.sampled[1]?.count == 60 { test.scheduler.finish(2) }
        }
    }

    @Test("a beginning is found after many others that begin with the same token")
    func manyAlternatives() throws {
        var test = TestScheduler([.alone(blocks: 4_096)])
        for number in 0..<100 as Range<SequenceID> {
            let text = [7, Int32(number), 1, 2, 3] + TestScheduler.text(40, first: 100)
            try test.scheduler.submit([
                SequenceRequest(id: 2 * number + 1, tokens: text, purpose: .generate(maximumTokens: 1))
            ])
            try test.run()
            try test.scheduler.submit([
                SequenceRequest(id: 2 * number + 2, tokens: text, purpose: .generate(maximumTokens: 1))
            ])
            try test.run()
            #expect(test.rows(of: 2 * number + 2) == 1)
        }
    }
}
