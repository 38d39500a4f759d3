import Messages

/// A recorded trace as events of Chrome's trace format (a JSON array), which ui.perfetto.dev and chrome://tracing open:
/// each pipeline is a process, each stage a thread of it, each batch a slice with an arrow to where it goes next.
package struct ChromeTrace {
    package struct Event: Codable, Equatable {
        package var name: String
        /// M: a name of a process or thread; X: a slice; s and f: where an arrow begins and ends.
        package var ph: String
        package var pid: Int
        package var tid: Int
        /// Microseconds.
        package var ts: UInt64?
        package var dur: UInt64?
        package var cat: String?
        /// Of the arrow.
        package var id: Int?
        /// "e": an arrow ends in the slice around it.
        package var bp: String?
        package var args: Arguments?
    }

    package struct Arguments: Codable, Equatable {
        package var name: String?
        package var sortIndex: Int?
        package var batch: UInt64?
        package var rows: UInt32?
        package var sequences: UInt32?
        package var promptRows: UInt32?
        package var decodeRows: UInt32?
        package var queueMilliseconds: Double?
        package var sentBytes: UInt64?
    }

    /// Rows of a process: batches in flight first, then stages. Perfetto wants every thread's number but once.
    package static func row(ofLane lane: Int, _ process: Int) -> Int { process * 10_000 + lane + 1 }

    package static func row(ofStage stage: UInt32, _ process: Int) -> Int { process * 10_000 + 1_000 + Int(stage) }

    package private(set) var events: [Event] = []
    private var arrows = 0

    package init(_ trace: RecordedTrace) {
        for (process, pipeline) in trace.pipelines.enumerated() { add(pipeline, of: trace, process: process + 1) }
    }

    private mutating func add(_ pipeline: RecordedTrace.Pipeline, of trace: RecordedTrace, process: Int) {
        // More than one plan: some worker came or went meanwhile.
        let plans = Set(trace.pipelines.map(\.epoch))
        let name = "pipeline \(pipeline.number)" + (plans.count > 1 ? ", plan \(pipeline.epoch)" : "")
        addName("process_name", name, process, 0, index: process)
        var places: [UInt64: [Place]] = [:]
        for (lane, records) in InFlightLanes(trace.records(of: pipeline)).lanes.enumerated() {
            let row = Self.row(ofLane: lane, process)
            addName("thread_name", lane == 0 ? "coordinator" : "coordinator \(lane + 1)", process, row, index: row)
            for record in records {
                let (start, end) = (record.sentMicroseconds, record.receivedMicroseconds)
                addSlice(record, process, row, start: start, end: max(start, end))
                places[record.batchID] = [Place(row: row, start: start, end: start)]
            }
        }
        for stage in trace.stages(of: pipeline) {
            let row = Self.row(ofStage: stage, process)
            addName("thread_name", trace.name(of: stage, in: pipeline), process, row, index: row)
            for slice in trace.slices(of: stage, in: pipeline) {
                addSlice(slice.record, process, row, start: slice.start, end: slice.end, stage: slice)
                places[slice.record.batchID]?.append(Place(row: row, start: slice.start, end: slice.end))
            }
        }
        for record in trace.records(of: pipeline) { addArrows(places[record.batchID] ?? [], process) }
    }

    private struct Place {
        var row: Int
        var start: UInt64
        var end: UInt64
    }

    private mutating func addName(_ kind: String, _ name: String, _ process: Int, _ row: Int, index: Int) {
        events.append(Event(name: kind, ph: "M", pid: process, tid: row, args: Arguments(name: name)))
        events.append(
            Event(
                name: kind == "process_name" ? "process_sort_index" : "thread_sort_index", ph: "M", pid: process,
                tid: row, args: Arguments(sortIndex: index)))
    }

    private mutating func addSlice(
        _ record: TraceRecord, _ process: Int, _ row: Int, start: UInt64, end: UInt64,
        stage: RecordedTrace.Slice? = nil
    ) {
        events.append(
            Event(
                name: "\(record.kind) \(record.batchID)", ph: "X", pid: process, tid: row, ts: start, dur: end - start,
                cat: record.kind,
                args: Arguments(
                    batch: record.batchID, rows: record.rows, sequences: record.sequences,
                    promptRows: record.promptRows, decodeRows: record.decodeRows,
                    queueMilliseconds: stage.map { Double($0.queuedMicroseconds) / 1_000 },
                    sentBytes: stage?.timing.sentBytes)))
    }

    /// From each place to the next one. An arrow belongs to the slice around it, so it begins before that is over.
    private mutating func addArrows(_ places: [Place], _ process: Int) {
        for (from, to) in zip(places, places.dropFirst()) {
            arrows += 1
            events.append(
                Event(
                    name: "batch", ph: "s", pid: process, tid: from.row,
                    ts: from.end > from.start ? from.end - 1 : from.start, cat: "flow", id: arrows))
            events.append(
                Event(
                    name: "batch", ph: "f", pid: process, tid: to.row, ts: to.start, cat: "flow", id: arrows, bp: "e"))
        }
    }
}
