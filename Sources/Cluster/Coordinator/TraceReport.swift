import Messages
import Wire

extension CoordinatorHandler {
    /// What `paceline trace` asks for.
    func trace(_ requestID: UInt64, after cursor: UInt64) -> Trace {
        batchTrace.trace(requestID, after: cursor, stages: traceStages, now: microseconds.now)
    }

    /// A batch is about to leave.
    func noteSent(_ batch: Batch, pipeline: Int) {
        batchTrace.sent(
            batch, decodeRows: engine.scheduler.flight(batch.batchID)?.decodeRows ?? 0,
            epoch: membership.plan?.epoch ?? 0, pipeline: pipeline, now: microseconds.now)
    }

    /// Takes a result's timings in.
    func noteTimings(_ result: BatchResult, of pipeline: Pipeline) {
        let workers = pipeline.workers
        batchTrace.finished(result, now: microseconds.now) { stage in
            workers.indices.contains(stage) ? clocks.offset(of: workers[stage]) : nil
        }
    }

    /// A heartbeat for a worker, with what tells the clocks apart; other messages as they are.
    func withClock(_ body: ControlMessage, for id: WorkerID) -> ControlMessage {
        guard case .heartbeat(var heartbeat) = body else { return body }
        heartbeat.clockMicroseconds = microseconds.now
        heartbeat.leastDelayMicroseconds = clocks.leastDelay(from: id)
        return .heartbeat(heartbeat)
    }

    /// Who carries what in the live plan.
    private var traceStages: [TraceStage] {
        guard membership.isLive, let plan = membership.plan else { return [] }
        return plan.pipelines.enumerated().flatMap { number, pipeline in
            pipeline.layers.enumerated().map { stage, layers in
                TraceStage(
                    epoch: plan.epoch, pipeline: UInt32(number), stage: UInt32(stage),
                    worker: membership.record(pipeline.workers[stage])?.hello.name ?? "",
                    firstLayer: UInt32(layers.lowerBound), layerCount: UInt32(layers.count))
            }
        }
    }
}
