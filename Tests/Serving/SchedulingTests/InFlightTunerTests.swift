import Scheduling
import SchedulingSupport
import Testing

@Suite("Batches in flight")
struct InFlightTunerTests {
    private func together(hosts: [Int], streams: Int, limits: SchedulerLimits = .init()) throws -> Int {
        var pipeline = PipelineDescription.row(of: hosts.count, blocks: 512)
        for (stage, host) in hosts.enumerated() { pipeline.stages[stage].host = host }
        var test = TestScheduler([pipeline], limits: limits)
        for id in 1...SequenceID(streams) { try test.generate(id, prompt: 2, tokens: 200) }
        var most = 0
        for number in 0..<40 {
            while test.send() != nil {}
            if number > 20 { most = max(most, test.scheduler.batchesInFlight(pipeline: 0).count) }
            try test.complete()
        }
        return most
    }

    @Test("one for each machine, once there are sequences for them")
    func oneForEachMachine() throws {
        #expect(try together(hosts: [0, 1, 2, 3], streams: 128) >= 4)
        #expect(try together(hosts: [0, 1], streams: 64) == 2)
        #expect(try together(hosts: [0, 0], streams: 64) == 1, "they share a machine's memory")
        #expect(try together(hosts: [0], streams: 64) == 1)
    }

    @Test("one sequence is in one batch, and two that cost no more together stay together")
    func fewSequences() throws {
        #expect(try together(hosts: [0, 1, 2, 3], streams: 1) == 1)
        #expect(try together(hosts: [0, 1, 2, 3], streams: 4) == 1, "a batch of 4 takes as long as one of 1")
    }

    @Test("no more than allowed")
    func bounded() throws {
        #expect(try together(hosts: [0, 1, 2, 3], streams: 128, limits: SchedulerLimits(batchesInFlight: 3)) == 3)
    }

    @Test("if more at once turn out to be better than expected, more are kept in flight")
    func foundByTrying() throws {
        // Two stages that are said to share a machine, and that do not disturb one another at all.
        var told = PipelineDescription.row(of: 2, blocks: 8_192)
        told.stages[1].host = 0
        var test = TestScheduler([told], context: 8_192)
        for id in 1...32 as ClosedRange<SequenceID> { try test.generate(id, prompt: 2, tokens: 8_000) }
        var ends: [UInt64: [Double]] = [:]
        var free = [0.0, 0.0]
        func run(_ batch: ScheduledBatch, at time: Double) {
            var time = time
            for stage in 0...1 {
                time = max(time, free[stage]) + told.stages[stage].costs.milliseconds(rows: batch.rows)
                free[stage] = time
                ends[batch.id, default: []].append(time)
            }
        }
        var counts: [Int] = []
        for _ in 0..<2_000 {
            while let batch = test.send() { run(batch, at: test.now) }
            let inFlight = test.scheduler.batchesInFlight(pipeline: 0)
            counts.append(inFlight.count)
            let batch = try #require(inFlight.first)
            test.now = try #require(ends[batch.id]?.last)
            let milliseconds = told.stages.map { $0.costs.milliseconds(rows: batch.rows) }
            try test.complete(stageMilliseconds: milliseconds)
        }
        #expect(counts.prefix(20).allSatisfy { $0 == 1 }, "at first as expected")
        #expect(counts.suffix(200).count { $0 == 2 } > 150, "\(counts.suffix(200))")
        #expect(test.scheduler.pipelineStates[0].inFlightReason.hasPrefix("found by trying"))
    }
}
