import DequeModule
import Messages
import Wire

/// The newest batches that have been through their pipelines, for whoever asks what the stages did.
package struct BatchTrace {
    private let capacity: Int
    // Sent, and no result yet.
    private var underWay: [UInt64: TraceRecord] = [:]
    private var finished: Deque<TraceRecord> = []
    /// Number of the next batch to finish; the first is 1, so that no cursor is 0.
    private var next: UInt64 = 1

    /// - Parameter capacity: finished batches that are kept.
    package init(capacity: Int = 4_096) { self.capacity = capacity }

    /// A batch leaves for stage 0 of a pipeline, at so many microseconds of the coordinator's clock.
    /// - Parameter decodeRows: rows that run a sampled token; all others are of prompts.
    package mutating func sent(_ batch: Batch, decodeRows: Int, epoch: UInt64, pipeline: Int, now: UInt64) {
        // Bounded: what no result came for is of a plan that is over.
        if underWay.count >= capacity { underWay = underWay.filter { $0.value.epoch == epoch } }
        guard underWay.count < capacity else { return }
        let rows = batch.slices.reduce(0) { $0 + $1.tokens.count }
        underWay[batch.batchID] = TraceRecord(
            batchID: batch.batchID, epoch: epoch, pipeline: UInt32(pipeline), sentMicroseconds: now,
            receivedMicroseconds: now
        ) {
            $0.rows = UInt32(clamping: rows)
            $0.sequences = UInt32(clamping: batch.slices.count)
            $0.promptRows = UInt32(clamping: max(0, rows - decodeRows))
            $0.decodeRows = UInt32(clamping: decodeRows)
        }
    }

    /// A batch's result is here.
    /// - Parameter offset: the coordinator's clock less that of a stage's worker, where known.
    package mutating func finished(_ result: BatchResult, now: UInt64, offset: (_ stage: Int) -> Int64?) {
        guard var record = underWay.removeValue(forKey: result.batchID) else { return }
        record.receivedMicroseconds = now
        record.timings = Self.timings(result.timings, sent: record.sentMicroseconds, received: now, offset)
        if finished.count == capacity { finished.removeFirst() }
        finished.append(record)
        next += 1
    }

    /// The plan is over, and no result will come.
    package mutating func planEnded() { underWay = [:] }

    /// What finished since a cursor, oldest first, ``WireLimits/traceRecords`` at most; nothing for cursor 0.
    package func trace(
        _ requestID: UInt64, after cursor: UInt64, stages: [TraceStage], now: UInt64
    ) -> Trace {
        // A cursor of the future is one of another coordinator.
        guard cursor > 0, cursor <= next else {
            return Trace(requestID: requestID, next: next, stages: stages, clockMicroseconds: now)
        }
        let oldest = next - UInt64(finished.count)
        let first = max(cursor, oldest)
        let records = finished.dropFirst(Int(first - oldest)).prefix(WireLimits.traceRecords)
        return Trace(
            requestID: requestID, next: first + UInt64(records.count), records: Array(records), lost: first - cursor,
            stages: stages, clockMicroseconds: now)
    }

    /// Timings in the coordinator's clock, those without an offset left out. Offsets are estimates, and what they get wrong
    /// may not turn the order around: a batch is sent, comes to each stage in turn, and comes back. A worker may say
    /// anything, so each stage counts once.
    private static func timings(
        _ timings: [StageTiming], sent: UInt64, received: UInt64, _ offset: (Int) -> Int64?
    ) -> [StageTiming] {
        var earliest = sent
        var stages = Set<UInt32>()
        return timings.compactMap { timing in
            guard let offset = offset(Int(timing.stage)), stages.insert(timing.stage).inserted else { return nil }
            func moved(_ time: UInt64) -> UInt64 {
                let moved = Int64(clamping: time).addingReportingOverflow(offset)
                let inOrder = moved.overflow ? received : UInt64(max(0, moved.partialValue))
                earliest = min(max(inOrder, earliest), received)
                return earliest
            }
            var timing = timing
            timing.receivedMicroseconds = moved(timing.receivedMicroseconds)
            timing.startedMicroseconds = moved(timing.startedMicroseconds)
            timing.endedMicroseconds = moved(timing.endedMicroseconds)
            return timing
        }
    }
}
