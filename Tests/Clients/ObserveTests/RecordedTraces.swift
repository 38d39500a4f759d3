import Foundation
import Messages
import Observe
import TestSupport

/// Traces as a coordinator would give them.
enum RecordedTraces {
    static func stage(_ stage: UInt32, worker: String, epoch: UInt64 = 1, pipeline: UInt32 = 0) -> TraceStage {
        TraceStage(
            epoch: epoch, pipeline: pipeline, stage: stage, worker: worker, firstLayer: stage * 24, layerCount: 24)
    }

    static func timing(_ stage: UInt32, _ received: UInt64, _ started: UInt64, _ ended: UInt64) -> StageTiming {
        StageTiming(
            stage: stage, receivedMicroseconds: received, startedMicroseconds: started, endedMicroseconds: ended,
            rows: 4, sentBytes: 1_000)
    }

    static func record(
        _ batch: UInt64, sent: UInt64, received: UInt64, _ timings: [StageTiming], epoch: UInt64 = 1,
        pipeline: UInt32 = 0, promptRows: UInt32 = 0
    ) -> TraceRecord {
        TraceRecord(
            batchID: batch, epoch: epoch, pipeline: pipeline, sentMicroseconds: sent, receivedMicroseconds: received
        ) {
            $0.rows = promptRows + 4
            $0.sequences = 4
            $0.promptRows = promptRows
            $0.decodeRows = 4
            $0.timings = timings
        }
    }

    static func trace(_ records: [TraceRecord], _ stages: [TraceStage], from begin: UInt64, to end: UInt64)
        -> RecordedTrace
    {
        var trace = RecordedTrace()
        trace.append(Trace(requestID: 1, next: 1, stages: stages, clockMicroseconds: begin))
        trace.append(Trace(requestID: 1, next: 9, records: records, stages: stages, clockMicroseconds: end))
        return trace
    }

    /// Batches of random sizes through two stages, up to three in flight; each stage computes one after the other.
    static func random(seed: UInt64) -> RecordedTrace {
        var random = SplitMix64(seed: seed)
        var free: [UInt64] = [0, 0]
        var returned: [UInt64] = []
        var records: [TraceRecord] = []
        for batch in 1...(40 as UInt64) {
            let earlier = returned.count >= 3 ? returned[returned.count - 3] : 0
            let sent = max(earlier, records.last?.sentMicroseconds ?? 0) + UInt64(random.int(0...200))
            var time = sent
            var timings: [StageTiming] = []
            for stage in 0..<2 {
                let arrived = time + UInt64(random.int(10...100))
                let started = max(free[stage], arrived)
                time = started + UInt64(random.int(0...3_000))
                free[stage] = time
                timings.append(timing(UInt32(stage), arrived, started, time))
            }
            returned.append(time + 50)
            records.append(
                record(
                    batch, sent: sent, received: time + 50, timings,
                    promptRows: random.chance(30) ? UInt32(random.int(1...64)) : 0))
        }
        return trace(
            records, [stage(0, worker: "left"), stage(1, worker: "right")], from: 0, to: (returned.max() ?? 0) + 10)
    }
}
