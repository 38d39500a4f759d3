import Planning

/// A `PlannedCluster` for programs.
package struct PlanLine: Encodable {
    struct Stage: Encodable {
        let worker: String
        let firstLayer: Int
        let layerCount: Int
        /// For batches of the planned rows.
        let milliseconds: Double
    }

    struct Pipeline: Encodable {
        let stages: [Stage]
        let kvBlocks: Int
        let streams: Int
        let batchesInFlight: Int
        let rows: Int
        let tokensPerSecond: Double
        let tokensPerSecondAlone: Double
    }

    struct Idle: Encodable {
        let worker: String
        let reason: String
    }

    let optimize: String
    let streams: Int
    let reason: String
    let tokensPerSecond: Double
    let tokensPerSecondAlone: Double
    let pipelines: [Pipeline]
    let idle: [Idle]

    package init(_ plan: PlannedCluster, workers: [WorkerDescription]) {
        optimize = plan.objective.rawValue
        streams = plan.streams
        reason = plan.reason
        tokensPerSecond = plan.tokensPerSecond
        tokensPerSecondAlone = plan.tokensPerSecondAlone
        idle = plan.idle.map { Idle(worker: workers[$0.worker].name, reason: $0.reason) }
        pipelines = plan.pipelines.map { pipeline in
            let rows = pipeline.planned?.rows ?? 1
            return Pipeline(
                stages: zip(pipeline.stages, pipeline.description.stages).map { stage, description in
                    Stage(
                        worker: workers[stage.worker].name, firstLayer: stage.layers.lowerBound,
                        layerCount: stage.layers.count, milliseconds: description.costs.milliseconds(rows: rows))
                }, kvBlocks: pipeline.description.blocks, streams: pipeline.planned?.streams ?? 0,
                batchesInFlight: pipeline.planned?.batchesInFlight ?? 0, rows: rows,
                tokensPerSecond: pipeline.planned?.tokensPerSecond ?? 0,
                tokensPerSecondAlone: pipeline.alone.tokensPerSecond)
        }
    }
}
