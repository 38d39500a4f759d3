import Scheduling
import SchedulingSupport
import Testing

@Suite("When blocks run out")
struct PreemptionTests {
    @Test("the youngest gives up its blocks, is run again later, and gets the tokens it would have got")
    func youngest() throws {
        var test = TestScheduler([.alone(blocks: 6)])
        try test.generate(1, prompt: 16, tokens: 60)
        try test.generate(2, prompt: 16, tokens: 60)
        try test.run()
        #expect(test.scheduler.statistics.preemptions > 0)
        #expect(test.sampled[1] == Array(16..<76) && test.sampled[2] == Array(16..<76))
        #expect(test.rows(of: 1) == 75, "the older is not disturbed")
        #expect(test.scheduler.isIdle && test.scheduler.freeBlocks == 6)
    }

    @Test("one in flight gives up its blocks when its batch is back, and keeps the token sampled there")
    func inFlight() throws {
        var test = TestScheduler([.row(of: 2, blocks: 4)])
        try test.generate(1, prompt: 31, tokens: 30)
        try test.generate(2, prompt: 30, tokens: 30)
        for _ in 0..<400 {
            while test.send() != nil {}
            if test.scheduler.isIdle { break }
            try test.complete()
        }
        #expect(test.scheduler.statistics.preemptions > 0)
        #expect(test.sampled[1] == Array(31..<61) && test.sampled[2] == Array(30..<60))
    }

    @Test("one with a low priority gives up its blocks before a younger one does")
    func lowPriorityFirst() throws {
        var test = TestScheduler([.alone(blocks: 6)])
        try test.generate(1, prompt: 16, tokens: 60, priority: .low)
        try test.generate(2, prompt: 16, tokens: 60)
        try test.run()
        #expect(test.rows(of: 2) == 75)
        #expect(test.rows(of: 1) > 75 && test.sampled[1]?.count == 60)
    }

    @Test("scores that were reported are not reported again after the blocks were given up")
    func scoring() throws {
        var test = TestScheduler([.alone(blocks: 5)], limits: SchedulerLimits(batchRows: 16))
        try test.generate(1, prompt: 16, tokens: 60)
        try test.scheduler.submit([
            SequenceRequest(id: 2, tokens: TestScheduler.text(60, first: 9), purpose: .score(firstRow: 1))
        ])
        try test.run()
        let scored = test.batches.flatMap(\.slices).filter { $0.sequence == 2 }.flatMap { slice in
            (slice.scoredRows ?? 0..<0).map { slice.start + $0 }
        }
        #expect(scored == Array(1..<60))
    }
}
