import Messages

extension Membership {
    /// Who carries what in the live plan.
    var traceStages: [TraceStage] {
        guard isLive, let plan else { return [] }
        return plan.pipelines.enumerated().flatMap { number, pipeline in
            pipeline.layers.enumerated().map { stage, layers in
                TraceStage(
                    epoch: plan.epoch, pipeline: UInt32(number), stage: UInt32(stage),
                    worker: record(pipeline.workers[stage])?.hello.name ?? "",
                    firstLayer: UInt32(layers.lowerBound), layerCount: UInt32(layers.count))
            }
        }
    }
}
