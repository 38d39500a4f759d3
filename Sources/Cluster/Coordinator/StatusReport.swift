import Messages

extension CoordinatorHandler {
    /// What `paceline status` shows.
    func status(_ requestID: UInt64) -> Status {
        let now = now
        let statistics = engine.scheduler.statistics
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
            requests: engine.requestStatuses(now: milliseconds), weightType: membership.model.weightType,
            cacheType: membership.model.cacheType, pipelines: pipelines,
            prefixQueryTokens: statistics.askedPositions, prefixHitTokens: statistics.reusedPositions,
            preemptions: statistics.preemptions, runningSequences: UInt32(engine.scheduler.runningCount),
            stepMilliseconds: configuration.scheduler.stepMilliseconds)
    }

    private var pipelines: [PipelineStatus] {
        guard membership.isLive else { return [] }
        return engine.scheduler.pipelineStates.enumerated().map { index, state in
            PipelineStatus(
                pipeline: UInt32(index), stages: UInt32(state.stages), blocks: UInt32(state.blocks),
                freeBlocks: UInt32(state.freeBlocks), cachedBlocks: UInt32(state.cachedBlocks),
                batchesInFlight: UInt32(state.flights), inFlightLimit: UInt32(state.flightLimit),
                inFlightReason: state.flightReason)
        }
    }
}
