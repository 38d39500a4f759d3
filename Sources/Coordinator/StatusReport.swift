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
            requests: engine.active.sorted { $0.key < $1.key }
                .map { $0.value.status($0.key.requestID, now: now) })
    }
}
