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
            workers: membership.workers.map { $0.status(layers: membership.layers(of: $0)) },
            requests: engine.active.sorted(by: { $0.key < $1.key }).map { key, request in
                let isQueued = !request.sequences.contains { engine.scheduler.isRunning($0) }
                return request.status(key.requestID, isQueued: isQueued, now: milliseconds)
            }, weightType: membership.model.weightType, cacheType: membership.model.cacheType)
    }
}
