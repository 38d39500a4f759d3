import Scheduling
import SchedulingSupport
import Testing

@Suite("Shares of clients")
struct FairnessTests {
    /// Rows that each client got in the last of so many batches, with clients that always have so much waiting.
    private func rows(
        sequences: [ClientNumber: Int], priorities: [ClientNumber: SequencePriority] = [:], blocks: Int,
        prompt: Int = 20, tokens: Int = 40, batches: Int = 3_000
    ) throws -> [ClientNumber: Int] {
        var test = TestScheduler(
            [.alone(blocks: blocks)], limits: SchedulerLimits(batchRows: 16, runningSequences: 64))
        var owners: [SequenceID: ClientNumber] = [:]
        var last: SequenceID = 0
        func submit(_ client: ClientNumber, _ test: inout TestScheduler) throws {
            last += 1
            owners[last] = client
            try test.generate(
                last, prompt: prompt, tokens: tokens, client: client, priority: priorities[client] ?? .normal)
        }
        for (client, count) in sequences.sorted(by: { $0.key < $1.key }) {
            for _ in 0..<count { try submit(client, &test) }
        }
        var rows: [ClientNumber: Int] = [:]
        for number in 0..<batches {
            let next = test.send()
            let batch = try #require(next)
            for slice in batch.slices where number > batches / 10 {
                rows[owners[slice.sequence] ?? 0, default: 0] += slice.tokens.count
            }
            for step in try test.complete() {
                if case .sampledLast = step.progress { try submit(owners[step.sequence] ?? 0, &test) }
            }
        }
        return rows
    }

    @Test("two clients share a cluster evenly, however many requests each of them has waiting")
    func evenly() throws {
        for (few, many) in [(16, 16), (16, 60), (20, 400)] {
            let rows = try rows(sequences: [1: few, 2: many], blocks: 256)
            let (first, second) = (rows[1] ?? 0, rows[2] ?? 0)
            #expect(abs(first - second) * 20 < first + second, "\(few) and \(many): \(rows)")
        }
    }

    @Test("also where there are blocks for few sequences only")
    func evenlyWithFewBlocks() throws {
        let rows = try rows(sequences: [1: 8, 2: 100], blocks: 24)
        let (first, second) = (rows[1] ?? 0, rows[2] ?? 0)
        #expect(abs(first - second) * 10 < first + second, "\(rows)")
    }

    @Test("a client that comes late is served at once, and gets no more than its share for what it missed")
    func comesLate() throws {
        var test = TestScheduler([.alone(blocks: 512)], limits: SchedulerLimits(batchRows: 8, runningSequences: 64))
        for id in 1...40 as ClosedRange<SequenceID> { try test.generate(id, prompt: 20, tokens: 400, client: 1) }
        try test.run(500)
        for id in 41...60 as ClosedRange<SequenceID> { try test.generate(id, prompt: 20, tokens: 100, client: 2) }
        // Its prompts come on top.
        try test.run(150)
        var rows: [Bool: Int] = [:]
        for _ in 0..<200 {
            let next = test.send()
            let batch = try #require(next)
            for slice in batch.slices { rows[slice.sequence > 40, default: 0] += slice.tokens.count }
            try test.complete()
        }
        let (old, new) = (rows[false] ?? 0, rows[true] ?? 0)
        #expect(abs(old - new) * 10 < old + new, "\(rows)")
    }

    @Test("high priority gets about four times as much as normal, and nobody starves")
    func priorities() throws {
        let rows = try rows(sequences: [1: 40, 2: 40], priorities: [1: .high, 2: .normal], blocks: 512)
        let ratio = Double(rows[1] ?? 0) / Double(rows[2] ?? 1)
        #expect((3...5).contains(ratio), "\(rows)")
    }

    @Test("of one client's requests those with high priority start first")
    func highFirst() throws {
        var test = TestScheduler([.alone(blocks: 64)], limits: SchedulerLimits(runningSequences: 1))
        try test.generate(1, prompt: 3, tokens: 2)
        try test.generate(2, prompt: 3, tokens: 1, priority: .low)
        try test.generate(3, prompt: 3, tokens: 1)
        try test.generate(4, prompt: 3, tokens: 1, priority: .high)
        try test.run()
        var order: [SequenceID] = []
        for id in test.batches.flatMap(\.slices).map(\.sequence) where !order.contains(id) { order.append(id) }
        #expect(order == [4, 1, 3, 2])
    }

    @Test("a client with a running stream gets its next prompt run, however many new clients keep coming")
    func newNames() throws {
        var test = TestScheduler([.alone(blocks: 512)], limits: SchedulerLimits(batchRows: 32, runningSequences: 64))
        try test.generate(1, prompt: 300, tokens: 400, client: 1)
        for id in 2...60 as ClosedRange<SequenceID> { try test.generate(id, prompt: 30, tokens: 2, client: id) }
        try test.run(40)
        try test.generate(100_000, prompt: 30, tokens: 2, client: 1)
        var next: SequenceID = 61
        for _ in 0..<300 where test.sampled[100_000] == nil {
            _ = test.send()
            // For every client that is done another comes, never seen before.
            for step in try test.complete() {
                guard case .sampledLast = step.progress else { continue }
                try test.generate(next, prompt: 30, tokens: 2, client: next)
                next += 1
            }
        }
        #expect(test.sampled[100_000] != nil, "\(next) others came meanwhile")
    }

    @Test("one long prompt after another gets no more rows than many short ones of another client")
    func oneAfterAnother() throws {
        var test = TestScheduler([.alone(blocks: 512)], limits: SchedulerLimits(batchRows: 64, runningSequences: 64))
        var owners: [SequenceID: ClientNumber] = [:]
        var rows: [ClientNumber: Int] = [:]
        var next: SequenceID = 0
        func submit(_ client: ClientNumber, _ test: inout TestScheduler) throws {
            next += 1
            owners[next] = client
            try test.generate(next, prompt: client == 1 ? 600 : 20, tokens: 1, client: client)
        }
        try submit(1, &test)
        for _ in 0..<20 { try submit(2, &test) }
        for number in 0..<2_000 {
            let sent = test.send()
            for slice in try #require(sent).slices where number > 100 {
                rows[owners[slice.sequence] ?? 0, default: 0] += slice.tokens.count
            }
            for step in try test.complete() {
                if case .sampledLast = step.progress { try submit(owners[step.sequence] ?? 0, &test) }
            }
        }
        let (long, short) = (rows[1] ?? 0, rows[2] ?? 0)
        #expect(abs(long - short) * 5 < long + short, "\(rows)")
    }

    @Test("prompts that were cancelled do not count against their client")
    func cancelled() throws {
        var test = TestScheduler([.alone(blocks: 2_048)], limits: SchedulerLimits(batchRows: 64, runningSequences: 200))
        try test.generate(1, prompt: 10, tokens: 500, client: 1)
        for id in 2...30 as ClosedRange<SequenceID> { try test.generate(id, prompt: 500, tokens: 1, client: 1) }
        try test.run(2)
        for id in 2...30 as ClosedRange<SequenceID> { test.scheduler.finish(id) }
        for id in 31...60 as ClosedRange<SequenceID> { try test.generate(id, prompt: 50, tokens: 1, client: 2) }
        try test.generate(61, prompt: 50, tokens: 1, client: 1)
        try test.run(12)
        #expect(test.sampled[61] != nil)
    }

    @Test("one client's full queue leaves room for another's requests")
    func fullQueue() throws {
        var test = TestScheduler([.alone(blocks: 64)], limits: SchedulerLimits(waitingSequences: 4))
        for id in 1...4 as ClosedRange<SequenceID> { try test.generate(id, prompt: 3, tokens: 1, client: 1) }
        #expect(throws: AdmissionError.queueFull(limit: 4)) {
            try test.generate(5, prompt: 3, tokens: 1, client: 1)
        }
        try test.generate(6, prompt: 3, tokens: 1, client: 2)
    }
}
