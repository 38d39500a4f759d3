import Engine
import Messages
import Planning
import Scheduling

/// One replica of the whole model: which worker carries which layers.
package struct AssignedPipeline: Equatable {
    /// In the order of the stages.
    package var workers: [WorkerID]
    package var layers: [Range<Int>]
    package var blockCount: Int
    /// What its stages cost, as far as it is known.
    package var description: PipelineDescription

    package init(workers: [WorkerID], layers: [Range<Int>], blockCount: Int, description: PipelineDescription) {
        self.workers = workers
        self.layers = layers
        self.blockCount = blockCount
        self.description = description
    }
}

/// Who carries what, in how many pipelines.
package struct Plan: Equatable {
    package var epoch: UInt64
    package var pipelines: [AssignedPipeline]
    package var weightType = TensorType.f32
    package var cacheType = TensorType.f32
    /// As in `Assignment`.
    package var unusedIDs: [UInt8]?
    /// Workers that were here and got no layers, and why, with numbers.
    package var idle: [WorkerID: String] = [:]
    /// What the planner expects of it for its objective, in tokens per second.
    package var expectedSpeed = 0.0

    package init(epoch: UInt64, pipelines: [AssignedPipeline]) {
        self.epoch = epoch
        self.pipelines = pipelines
    }

    /// All that have a stage.
    package var workers: [WorkerID] { pipelines.flatMap(\.workers) }

    /// Messages that make the plan, one for each of ``workers``.
    package func assignments(endpoints: [WorkerID: String], results: String) -> [Assignment] {
        pipelines.flatMap { pipeline in
            pipeline.layers.indices.map { stage in
                let next = pipeline.workers.dropFirst(stage + 1).first
                return Assignment(
                    stage: UInt32(stage), stageCount: UInt32(pipeline.layers.count),
                    firstLayer: UInt32(pipeline.layers[stage].lowerBound),
                    layerCount: UInt32(pipeline.layers[stage].count), blockCount: UInt32(pipeline.blockCount),
                    successor: next.map { endpoints[$0] ?? "" } ?? results
                ) {
                    $0.weightType = weightType
                    $0.cacheType = cacheType
                    $0.activationType = .f32
                    // Only the last stage samples.
                    $0.unusedIDs = next == nil ? unusedIDs : nil
                }
            }
        }
    }
}

extension Plan {
    /// What the planner found, for workers with these identities.
    init(_ plan: PlannedCluster, epoch: UInt64, ids: [WorkerID], model: ServedModel, expectedSpeed: Double) {
        self.init(
            epoch: epoch,
            pipelines: plan.pipelines.map { pipeline in
                AssignedPipeline(
                    workers: pipeline.stages.map { ids[$0.worker] }, layers: pipeline.stages.map(\.layers),
                    blockCount: pipeline.description.blocks, description: pipeline.description)
            })
        weightType = model.weightType
        cacheType = model.cacheType
        unusedIDs = model.unusedIDs
        idle = Dictionary(uniqueKeysWithValues: plan.idle.map { (ids[$0.worker], $0.reason) })
        self.expectedSpeed = expectedSpeed
    }

    /// "2 stages", "2 pipelines of 3 stages", "2 pipelines of 3 and 4 stages".
    var shape: String {
        let counts = pipelines.map(\.layers.count)
        let distinct = Set(counts).sorted().map { "\($0)" }
        let stages = distinct.joined(separator: " and ") + (distinct == ["1"] ? " stage" : " stages")
        return counts.count == 1 ? stages : "\(counts.count) pipelines of \(stages)"
    }
}
