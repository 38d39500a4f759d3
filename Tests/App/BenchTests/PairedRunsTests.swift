import Bench
import Observe
import Testing

@Suite("Runs in turn with limits")
struct PairedRunsTests {
    @Test("the middle value is the median, the mean of the middle two where there is none")
    func medians() {
        #expect(median([3, 1, 2]) == 2)
        #expect(median([4, 1, 3, 2]) == 2.5)
        #expect(median([7]) == 7)
        #expect(median([]) == 0)
    }

    @Test("the limit of work is what takes longer, its bytes or its operations")
    func costs() {
        let limits = LimitRates(bytesPerSecond: 10, operationsPerSecond: 100)
        #expect(WorkCost(bytes: 20, operations: 100).seconds(limits) == 2)
        #expect(WorkCost(bytes: 20, operations: 500).seconds(limits) == 5)
    }

    @Test("each run of the work is held against the limits just before and after it; the first does not count")
    func pairs() {
        var limits = [10.0, 20, 30, 40].map { LimitRates(bytesPerSecond: $0, operationsPerSecond: 1) }
        var times = [100.0, 1, 2, 4]
        let runs = PairedRuns(runs: 3, cost: WorkCost(bytes: 30, operations: 0)) {
            limits.removeFirst()
        } work: {
            times.removeFirst()
        }
        #expect(limits.isEmpty && times.isEmpty)
        // 30 bytes at 15, 25 and 35 a second, in 1, 2 and 4 seconds.
        #expect(runs.seconds == 2)
        #expect(runs.share == 30.0 / 25 / 2)
        #expect(runs.limits.bytesPerSecond == 25)
    }

    @Test("prompts fill batches in order, and what is left of one goes into the next")
    func prompts() {
        func parts(_ parts: (Int, Range<Int>)...) -> [PromptPart] {
            parts.map { PromptPart(sequence: $0.0, positions: $0.1) }
        }
        #expect(promptBatches(sequences: 1, prompt: 5, rows: 8) == [parts((0, 0..<5))])
        #expect(promptBatches(sequences: 2, prompt: 4, rows: 8) == [parts((0, 0..<4), (1, 0..<4))])
        #expect(
            promptBatches(sequences: 3, prompt: 5, rows: 8) == [
                parts((0, 0..<5), (1, 0..<3)), parts((1, 3..<5), (2, 0..<5)),
            ])
        #expect(
            promptBatches(sequences: 1, prompt: 9, rows: 4).map { $0.map(\.positions) } == [[0..<4], [4..<8], [8..<9]])
    }
}
