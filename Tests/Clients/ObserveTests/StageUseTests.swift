import Foundation
import Messages
import Observe
import Testing

@Suite("What stages did with their time")
struct StageUseTests {
    private let pipeline = RecordedTrace.Pipeline(epoch: 1, number: 0)

    @Test("a stage computes, or waits for a batch that is under way, or there is none")
    func shares() {
        // Two batches in flight from 1,000 to 5,000, and nothing from then to 9,000.
        let trace = RecordedTraces.trace(
            [
                RecordedTraces.record(
                    1, sent: 1_000, received: 3_000,
                    [RecordedTraces.timing(0, 1_050, 1_100, 2_000), RecordedTraces.timing(1, 2_050, 2_100, 2_950)]),
                RecordedTraces.record(
                    2, sent: 1_500, received: 5_000,
                    [RecordedTraces.timing(0, 1_550, 2_000, 3_000), RecordedTraces.timing(1, 3_000, 3_500, 4_900)]),
            ], [], from: 0, to: 9_000)
        let first = StageUse(of: 0, in: pipeline, of: trace)
        #expect(first.batches == 2 && first.rows == 8 && first.totalMicroseconds == 9_000)
        #expect(first.busyMicroseconds == 1_900)
        // Before the first, and after the second until the last result.
        #expect(first.bubbleMicroseconds == 100 + 2_000)
        #expect(first.bubbles == 2 && first.longestBubbleMicroseconds == 2_000)
        #expect(first.queuedMicroseconds == 50 + 450)
        let second = StageUse(of: 1, in: pipeline, of: trace)
        #expect(second.busyMicroseconds == 850 + 1_400)
        #expect(second.bubbleMicroseconds == 1_100 + 550 + 100)
        #expect(second.bubbles == 3 && second.longestBubbleMicroseconds == 1_100)
    }

    @Test("what lies outside the recording does not count")
    func window() {
        let trace = RecordedTraces.trace(
            [RecordedTraces.record(1, sent: 0, received: 10_000, [RecordedTraces.timing(0, 0, 2_000, 8_000)])], [],
            from: 5_000, to: 9_000)
        let use = StageUse(of: 0, in: pipeline, of: trace)
        #expect(use.busyMicroseconds == 3_000 && use.bubbleMicroseconds == 1_000 && use.totalMicroseconds == 4_000)
    }

    @Test("busy and bubbles together are the time that batches were under way", arguments: 0..<50 as Range<UInt64>)
    func sum(seed: UInt64) {
        let trace = RecordedTraces.random(seed: seed)
        var flying: UInt64 = 0
        var end: UInt64 = 0
        for record in trace.records.sorted(by: { $0.sentMicroseconds < $1.sentMicroseconds }) {
            flying += max(end, record.receivedMicroseconds) - max(end, record.sentMicroseconds)
            end = max(end, record.receivedMicroseconds)
        }
        for stage in 0..<2 as Range<UInt32> {
            let use = StageUse(of: stage, in: pipeline, of: trace)
            #expect(use.busyMicroseconds + use.bubbleMicroseconds == flying, "seed \(seed)")
        }
    }

    @Test("a stage never computes two batches at once, whatever estimated clocks say")
    func overlap() {
        let trace = RecordedTraces.trace(
            [
                RecordedTraces.record(1, sent: 0, received: 500, [RecordedTraces.timing(0, 0, 100, 300)]),
                RecordedTraces.record(2, sent: 0, received: 600, [RecordedTraces.timing(0, 0, 280, 500)]),
            ], [], from: 0, to: 600)
        let slices = trace.slices(of: 0, in: pipeline)
        #expect(slices.map(\.start) == [100, 300] && slices.map(\.end) == [300, 500])
    }

    @Test("the picture has a row for each stage and a box for each batch that can be told from others")
    func picture() throws {
        let stages = [RecordedTraces.stage(0, worker: "<left> & \"right\"")]
        let records = (0..<4 as Range<UInt64>).map { number in
            RecordedTraces.record(
                number, sent: number * 1_000, received: number * 1_000 + 900,
                [RecordedTraces.timing(0, number * 1_000 + 50, number * 1_000 + 100, number * 1_000 + 800)],
                promptRows: number == 2 ? 60 : 0)
        }
        let svg = TracePicture(RecordedTraces.trace(records, stages, from: 0, to: 4_000)).svg
        #expect(svg.contains("(&lt;left&gt; &amp; \"right\", layers 0-23)"))
        // Background, four batches, three of the legend.
        #expect(svg.split(separator: "\n").count { $0.hasPrefix("<rect") } == 1 + 4 + 3)
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    }

    @Test("a picture of very many batches stays small")
    func manyBatches() {
        let records = (0..<100_000 as Range<UInt64>).map { number in
            RecordedTraces.record(
                number, sent: number * 100, received: number * 100 + 95,
                [RecordedTraces.timing(0, number * 100 + 5, number * 100 + 10, number * 100 + 90)])
        }
        let svg = TracePicture(RecordedTraces.trace(records, [], from: 0, to: 10_000_000)).svg
        #expect(svg.utf8.count < 1_000_000)
    }

    @Test(
        "steps of the time axis are round",
        arguments: [(0.09, 0.1), (0.1, 0.1), (0.11, 0.2), (0.3, 0.5), (0.6, 1.0), (3.0, 5.0), (70.0, 100.0)])
    func steps(atLeast: Double, step: Double) {
        #expect(abs(TracePicture.roundStep(atLeast) - step) < 1e-9)
    }
}
