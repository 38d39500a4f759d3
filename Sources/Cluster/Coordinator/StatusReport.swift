import Messages

extension CoordinatorHandler {
    /// What `paceline status` shows.
    func status(_ requestID: UInt64) -> Status {
        let now = now
        let statistics = engine.scheduler.statistics
        return Status(requestID: requestID) {
            $0.model = membership.model.name
            $0.modelSHA256 = membership.model.identity
            $0.software = configuration.software
            $0.ready = membership.isLive && !membership.isDraining
            $0.state = membership.stateLine
            $0.uptimeMilliseconds = now
            $0.layerCount = UInt32(membership.model.layerCount)
            $0.context = UInt32(membership.model.context)
            $0.workersWanted = UInt32(configuration.workersWanted)
            $0.blocks = UInt32(engine.scheduler.blockCapacity)
            $0.freeBlocks = UInt32(engine.scheduler.freeBlocks)
            $0.queuedRequests = UInt32(engine.scheduler.waitingCount)
            $0.finishedRequests = engine.finishedRequests
            $0.generatedTokens = engine.generatedTokens
            $0.droppedMessages =
                dropped.count + sockets.droppedMessages.tooManyFrames
                + sockets.droppedMessages.tooManyBytes
            $0.workers = membership.workers.map { worker in
                var status = worker.status(layers: membership.layers(of: worker))
                status.linkMicroseconds = clocks.latency(of: worker.id)
                status.clockMicroseconds = status.statistics == nil ? nil : clocks.lastClock(of: worker.id)
                return status
            }
            $0.requests = engine.requestStatuses(now: milliseconds)
            $0.weightType = membership.model.weightType
            $0.cacheType = membership.model.cacheType
            $0.pipelines = pipelines
            $0.prefixQueryTokens = statistics.askedPositions
            $0.prefixHitTokens = statistics.reusedPositions
            $0.preemptions = statistics.preemptions
            $0.runningSequences = UInt32(engine.scheduler.runningCount)
            $0.stepMilliseconds = configuration.scheduler.stepMilliseconds
        }
    }

    private var pipelines: [PipelineStatus] {
        guard membership.isLive else { return [] }
        return engine.scheduler.pipelineStates.enumerated().map { index, state in
            PipelineStatus(
                pipeline: UInt32(index), stages: UInt32(state.stages), blocks: UInt32(state.blocks),
                freeBlocks: UInt32(state.freeBlocks), batchesInFlight: UInt32(state.flights)
            ) {
                $0.cachedBlocks = UInt32(state.cachedBlocks)
                $0.inFlightLimit = UInt32(state.flightLimit)
                $0.inFlightReason = state.flightReason
            }
        }
    }
}
