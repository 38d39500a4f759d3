import Foundation
import Messages
import Observe
import Testing

/// The events that ui.perfetto.dev opens.
@Suite("Chrome traces")
struct ChromeTraceTests {
    private typealias Event = ChromeTrace.Event

    /// As a program reads the file.
    private func events(_ trace: RecordedTrace) throws -> [Event] {
        let encoded = try JSONEncoder().encode(ChromeTrace(trace).events)
        return try JSONDecoder().decode([Event].self, from: encoded)
    }

    private func names(_ events: [Event], _ kind: String) -> [Int: String] {
        var names: [Int: String] = [:]
        for event in events where event.name == kind { names[event.tid] = event.args?.name }
        return names
    }

    @Test("a process is a pipeline, its rows the coordinator and the stages by name")
    func rows() throws {
        let events = try events(RecordedTraces.random(seed: 1))
        #expect(names(events, "process_name") == [0: "pipeline 0"])
        let rows = Set(names(events, "thread_name").values)
        #expect(
            rows.isSuperset(of: ["coordinator", "stage 0 (left, layers 0-23)", "stage 1 (right, layers 24-47)"]))
        #expect(rows.allSatisfy { $0.hasPrefix("coordinator") || $0.hasPrefix("stage") })
        let indexed = Set(events.filter { $0.name == "thread_sort_index" }.map(\.tid))
        #expect(indexed == Set(names(events, "thread_name").keys))
    }

    @Test(
        "slices of a row do not overlap, and those of a stage lie within their batch",
        arguments: 0..<50 as Range<UInt64>)
    func slices(seed: UInt64) throws {
        let trace = RecordedTraces.random(seed: seed)
        let slices = try events(trace).filter { $0.ph == "X" }
        // One for the coordinator and one for each stage.
        #expect(slices.count == 3 * trace.records.count)
        for row in Dictionary(grouping: slices, by: \.tid).values {
            let sorted = row.sorted { ($0.ts ?? 0, $0.dur ?? 0) < ($1.ts ?? 0, $1.dur ?? 0) }
            for (slice, next) in zip(sorted, sorted.dropFirst()) {
                #expect(try #require(slice.ts) + (try #require(slice.dur)) <= (try #require(next.ts)), "seed \(seed)")
            }
        }
        for batch in Dictionary(grouping: slices, by: { $0.args?.batch }).values {
            let ranges = try batch.map { try #require($0.ts)...(try #require($0.ts) + (try #require($0.dur))) }
            let whole = try #require(ranges.max { $0.count < $1.count })
            #expect(ranges.allSatisfy { whole.lowerBound <= $0.lowerBound && $0.upperBound <= whole.upperBound })
        }
    }

    @Test(
        "an arrow leads from each place of a batch to the next, forwards, from inside one slice to the start of another",
        arguments: 0..<20 as Range<UInt64>)
    func arrows(seed: UInt64) throws {
        let trace = RecordedTraces.random(seed: seed)
        let events = try events(trace)
        let slices = events.filter { $0.ph == "X" }
        let starts = events.filter { $0.ph == "s" }
        let ends = events.filter { $0.ph == "f" }
        #expect(starts.count == 2 * trace.records.count)
        #expect(Set(starts.map(\.id)).count == starts.count)
        #expect(ends.allSatisfy { $0.bp == "e" })
        for start in starts {
            let end = try #require(ends.first { $0.id == start.id })
            let from = slices.filter { $0.tid == start.tid && contains($0, start.ts) }
            let to = slices.filter { $0.tid == end.tid && $0.ts == end.ts }
            #expect(try #require(start.ts) <= (try #require(end.ts)), "seed \(seed)")
            let batches = Set(to.map { $0.args?.batch })
            #expect(from.contains { batches.contains($0.args?.batch) }, "seed \(seed)")
        }
    }

    private func contains(_ slice: Event, _ time: UInt64?) -> Bool {
        guard let start = slice.ts, let length = slice.dur, let time else { return false }
        return start <= time && time <= start + length
    }

    @Test("a slice says what was in the batch, and how long it waited")
    func arguments() throws {
        let record = RecordedTraces.record(
            7, sent: 100, received: 3_000, [RecordedTraces.timing(0, 200, 1_700, 2_500)], promptRows: 60)
        let trace = RecordedTraces.trace([record], [], from: 0, to: 4_000)
        let slice = try #require(try events(trace).last { $0.ph == "X" })
        #expect(slice.name == "mixed 7" && slice.ts == 1_700 && slice.dur == 800)
        let args = try #require(slice.args)
        #expect(args.rows == 64 && args.promptRows == 60 && args.decodeRows == 4 && args.sequences == 4)
        #expect(args.queueMilliseconds == 1.5 && args.sentBytes == 1_000)
    }

    @Test("each pipeline, and each plan, is a process of its own, with rows of its own")
    func processes() throws {
        let records = [
            RecordedTraces.record(1, sent: 0, received: 10, [RecordedTraces.timing(0, 1, 2, 9)], epoch: 1, pipeline: 0),
            RecordedTraces.record(2, sent: 0, received: 10, [RecordedTraces.timing(0, 1, 2, 9)], epoch: 1, pipeline: 1),
            RecordedTraces.record(1, sent: 20, received: 30, [RecordedTraces.timing(0, 21, 22, 29)], epoch: 2),
        ]
        let stages = [
            RecordedTraces.stage(0, worker: "a"), RecordedTraces.stage(0, worker: "b", pipeline: 1),
            RecordedTraces.stage(0, worker: "c", epoch: 2),
        ]
        let events = try events(RecordedTraces.trace(records, stages, from: 0, to: 40))
        let processes = events.filter { $0.name == "process_name" }
        #expect(
            processes.compactMap(\.args?.name) == ["pipeline 0, plan 1", "pipeline 1, plan 1", "pipeline 0, plan 2"])
        let rows = events.filter { $0.name == "thread_name" }
        #expect(Set(rows.map(\.tid)).count == rows.count)
        #expect(
            Set(rows.compactMap(\.args?.name)).isSuperset(of: [
                "stage 0 (a, layers 0-23)", "stage 0 (b, layers 0-23)", "stage 0 (c, layers 0-23)",
            ]))
        for slice in events where slice.ph == "X" {
            #expect(rows.contains { $0.tid == slice.tid && $0.pid == slice.pid })
        }
    }

    @Test("a cluster that had nothing to do has rows and no slices")
    func idle() throws {
        let events = try events(RecordedTraces.trace([], [RecordedTraces.stage(0, worker: "a")], from: 0, to: 1_000))
        #expect(events.allSatisfy { $0.ph == "M" })
        #expect(names(events, "thread_name").count == 2)
    }
}
