/// How a pipeline stands, for people.
public struct PipelineState: Sendable, Equatable {
    public var stages: Int
    public var blocks: Int
    /// Blocks that no sequence uses and that hold nothing.
    public var freeBlocks: Int
    /// Blocks that no sequence uses, kept because a prompt may begin like what they hold.
    public var cachedBlocks: Int
    /// Batches under way.
    public var flights: Int
    /// Batches that may be under way for what there is to do now.
    public var flightLimit: Int
    /// Why so many, in a line.
    public var flightReason: String
}

extension Scheduler {
    /// What batches of a pipeline took each of its stages; empty before there were some.
    public func measuredCosts(pipeline: Int) -> [RowCosts] {
        guard pipelines.indices.contains(pipeline), pipelines[pipeline].measuredBatches >= 16 else { return [] }
        return pipelines[pipeline].description.stages.map(\.costs)
    }

    /// How each pipeline stands.
    public var pipelineStates: [PipelineState] {
        pipelines.indices.map { index in
            let pipeline = pipelines[index]
            let load = load(of: index)
            return PipelineState(
                stages: pipeline.description.stages.count, blocks: pipeline.pool.capacity,
                freeBlocks: pipeline.pool.freeCount - pipeline.pool.cachedCount,
                cachedBlocks: pipeline.pool.cachedCount, flights: pipeline.flights.count,
                flightLimit: pipeline.flightLimit(load, limits), flightReason: pipeline.flightReason(load, limits))
        }
    }
}

extension ScheduledPipeline {
    func flightReason(_ load: PipelineLoad, _ limits: SchedulerLimits) -> String {
        let most = mostFlights(limits)
        if most == 1 { return "one stage, and no way to it that takes time" }
        let limit = flightLimit(load, limits)
        if load.promptRows == 0, limit == max(1, load.decoding), limit < expectedFlights(load, limits) {
            return "no more sequences"
        }
        let machines = description.hostCount
        let place = "\(description.stages.count) stages on \(machines) machine\(machines == 1 ? "" : "s")"
        if search.isFound(load.kind) { return "found by trying: \(place)" }
        return hasCosts ? "by what stages take: \(place)" : "one for each machine until stages are measured: \(place)"
    }
}
