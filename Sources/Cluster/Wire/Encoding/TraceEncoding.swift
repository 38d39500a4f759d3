internal import CWire
import Messages

extension StageTiming {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__StageTiming> {
        arena.message(paceline__stage_timing__init) { message in
            message.stage = stage
            message.received_microseconds = receivedMicroseconds
            message.started_microseconds = startedMicroseconds
            message.ended_microseconds = endedMicroseconds
            (message.has_rows, message.rows) = optional(rows)
            (message.has_sent_bytes, message.sent_bytes) = optional(sentBytes)
        }
    }
}

extension TraceRecord {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__TraceRecord> {
        arena.message(paceline__trace_record__init) { message in
            message.batch_id = batchID
            message.epoch = epoch
            message.pipeline = pipeline
            message.sent_microseconds = sentMicroseconds
            message.received_microseconds = receivedMicroseconds
            message.rows = rows
            message.sequences = sequences
            message.prompt_rows = promptRows
            message.decode_rows = decodeRows
            (message.n_timings, message.timings) = arena.messages(timings) { $0.encoded(in: arena) }
        }
    }
}

extension TraceStage {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__TraceStage> {
        arena.message(paceline__trace_stage__init) { message in
            message.epoch = epoch
            message.pipeline = pipeline
            message.stage = stage
            message.worker = arena.string(worker)
            message.first_layer = firstLayer
            message.layer_count = layerCount
        }
    }
}

extension Trace {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Trace> {
        arena.message(paceline__trace__init) { message in
            message.request_id = requestID
            message.next = next
            (message.n_records, message.records) = arena.messages(records) { $0.encoded(in: arena) }
            (message.has_lost, message.lost) = optional(lost, default: 0)
            (message.n_stages, message.stages) = arena.messages(stages) { $0.encoded(in: arena) }
            message.clock_microseconds = clockMicroseconds
        }
    }
}
