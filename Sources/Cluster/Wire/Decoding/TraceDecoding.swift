internal import CWire
import Messages

extension StageTiming {
    init(decoding message: Paceline__StageTiming) {
        self.init(
            stage: message.stage, receivedMicroseconds: message.received_microseconds,
            startedMicroseconds: message.started_microseconds, endedMicroseconds: message.ended_microseconds,
            rows: optional(message.has_rows, message.rows),
            sentBytes: optional(message.has_sent_bytes, message.sent_bytes))
    }
}

extension [StageTiming] {
    init(
        decoding list: UnsafeMutablePointer<UnsafeMutablePointer<Paceline__StageTiming>?>?, _ count: Int,
        _ field: String
    ) throws(WireError) {
        self = try messages(list, count, field, limit: WireLimits.timings, StageTiming.init(decoding:))
    }
}

extension TraceRecord {
    init(decoding message: Paceline__TraceRecord) throws(WireError) {
        self.init(
            batchID: message.batch_id, epoch: message.epoch, pipeline: message.pipeline,
            sentMicroseconds: message.sent_microseconds, receivedMicroseconds: message.received_microseconds)
        rows = message.rows
        sequences = message.sequences
        promptRows = message.prompt_rows
        decodeRows = message.decode_rows
        timings = try [StageTiming](decoding: message.timings, message.n_timings, "TraceRecord.timings")
    }
}

extension TraceStage {
    init(decoding message: Paceline__TraceStage) throws(WireError) {
        self.init(
            epoch: message.epoch, pipeline: message.pipeline, stage: message.stage,
            worker: try string(message.worker, "TraceStage.worker"), firstLayer: message.first_layer,
            layerCount: message.layer_count)
    }
}

extension Trace {
    init(decoding message: Paceline__Trace) throws(WireError) {
        self.init(
            requestID: message.request_id, next: message.next,
            records: try messages(
                message.records, message.n_records, "Trace.records", limit: WireLimits.traceRecords,
                TraceRecord.init(decoding:)),
            lost: message.lost,
            stages: try messages(
                message.stages, message.n_stages, "Trace.stages", limit: WireLimits.workers,
                TraceStage.init(decoding:)),
            clockMicroseconds: message.clock_microseconds)
    }
}
