import Wire

extension CoordinatorHandler {
    /// What `paceline status` shows.
    func status(_ requestID: UInt64) -> Status {
        let now = now
        return Status(
            requestID: requestID, model: membership.model.name, modelSHA256: membership.model.identity,
            software: configuration.software, ready: membership.isLive && !membership.isDraining,
            state: membership.stateLine, uptimeMilliseconds: now, layerCount: UInt32(membership.model.layerCount),
            context: UInt32(membership.model.context), workersWanted: UInt32(configuration.workersWanted),
            blocks: UInt32(engine.scheduler.blockCapacity), freeBlocks: UInt32(engine.scheduler.freeBlocks),
            queuedRequests: UInt32(engine.scheduler.waitingCount), finishedRequests: engine.finishedRequests,
            generatedTokens: engine.generatedTokens,
            droppedMessages: dropped.count + sockets.droppedMessages.tooManyFrames
                + sockets.droppedMessages.tooManyBytes,
            workers: membership.workers.map { worker in
                var status = worker.status(layers: membership.layers(of: worker))
                status.linkMicroseconds = clocks.latency(of: worker.id)
                status.clockMicroseconds = status.statistics == nil ? nil : clocks.lastClock(of: worker.id)
                return status
            },
            requests: engine.active.sorted(by: { $0.key < $1.key }).map { key, request in
                let isQueued = !request.sequences.contains { engine.scheduler.isRunning($0) }
                var status = request.status(key.requestID, isQueued: isQueued, now: milliseconds)
                status.client = key.client.suffix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                return status
            }, weightType: membership.model.weightType, cacheType: membership.model.cacheType, pipelines: pipelines,
            prefixAskedTokens: engine.scheduler.statistics.askedPositions,
            prefixHitTokens: engine.scheduler.statistics.reusedPositions,
            preemptions: engine.scheduler.statistics.preemptions,
            runningSequences: UInt32(engine.scheduler.runningCount),
            stepMilliseconds: engine.scheduler.limits.stepMilliseconds)
    }

    private var pipelines: [PipelineStatus] {
        guard membership.isLive, let plan = membership.plan else { return [] }
        return [
            PipelineStatus(
                pipeline: 0, stages: UInt32(plan.layers.count), blocks: UInt32(engine.scheduler.blockCapacity),
                freeBlocks: UInt32(engine.scheduler.freeBlocks), cachedBlocks: UInt32(engine.scheduler.cachedBlocks),
                batchesInFlight: UInt32(engine.scheduler.flights(pipeline: 0).count))
        ]
    }
}
