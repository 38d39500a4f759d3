import Engine
import Messages
import Scheduling

/// What `paceline status` shows of a coordinator.
struct StatusReport {
    let membership: Membership
    let engine: RequestEngine
    let clocks: ClockOffsets
    let configuration: CoordinatorConfiguration
    let droppedMessages: UInt64
    let refusedConnections: UInt64
    /// Since the coordinator's start.
    let milliseconds: Double

    func status(_ requestID: UInt64) -> Status {
        let model = membership.model
        let scheduler = engine.scheduler
        return Status(requestID: requestID) {
            $0.model = model.name
            $0.modelSHA256 = model.digests.identity
            $0.software = configuration.software
            $0.ready = membership.isLive && !membership.isDraining
            $0.state = membership.stateLine
            $0.uptimeMilliseconds = UInt64(milliseconds)
            $0.layerCount = UInt32(model.layerCount)
            $0.context = UInt32(model.context)
            $0.workersWanted = UInt32(configuration.workersWanted)
            $0.blocks = UInt32(scheduler.blockCapacity)
            $0.freeBlocks = UInt32(scheduler.freeBlocks)
            $0.queuedRequests = UInt32(scheduler.waitingCount)
            $0.finishedRequests = engine.finishedRequests
            $0.generatedTokens = engine.generatedTokens
            $0.droppedMessages = droppedMessages
            $0.workers = membership.workers.map(worker)
            $0.requests = engine.requestStatuses(now: milliseconds)
            $0.weightType = model.weightType
            $0.cacheType = model.cacheType
            $0.pipelines = pipelines
            $0.prefixQueryTokens = scheduler.statistics.queries
            $0.prefixHitTokens = scheduler.statistics.hits
            $0.preemptions = scheduler.statistics.preemptions
            $0.runningSequences = UInt32(scheduler.runningCount)
            $0.stepMilliseconds = configuration.scheduler.stepMilliseconds
            $0.counters = counters
        }
    }

    /// Counts without a field of their own: a new one is a line here.
    private var counters: [Counter] {
        [
            Counter("prefix_cache_evictions", engine.scheduler.statistics.evictions),
            Counter("refused_connections", refusedConnections),
        ]
    }

    private func worker(_ record: WorkerRecord) -> WorkerStatus {
        var status = record.status(layers: membership.layers(of: record))
        status.linkMicroseconds = clocks.latency(of: record.id)
        status.clockMicroseconds = status.statistics == nil ? nil : clocks.lastClock(of: record.id)
        return status
    }

    private var pipelines: [PipelineStatus] {
        guard membership.isLive else { return [] }
        return engine.scheduler.pipelineStates.enumerated().map { index, state in
            PipelineStatus(
                pipeline: UInt32(index), stages: UInt32(state.stages), blocks: UInt32(state.blocks),
                freeBlocks: UInt32(state.freeBlocks), batchesInFlight: UInt32(state.batchesInFlight)
            ) {
                $0.cachedBlocks = UInt32(state.cachedBlocks)
                $0.inFlightLimit = UInt32(state.inFlightLimit)
                $0.inFlightReason = state.inFlightReason
            }
        }
    }
}
