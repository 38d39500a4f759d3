import Scheduling

/// One stage of a plan.
public struct PlannedStage: Sendable, Equatable {
    /// Index among the planner's workers.
    public var worker: Int
    public var layers: Range<Int>

    public init(worker: Int, layers: Range<Int>) {
        self.worker = worker
        self.layers = layers
    }
}

/// One pipeline of a plan: a replica of the whole model.
public struct PlannedPipeline: Sendable, Equatable {
    /// In order.
    public var stages: [PlannedStage]
    public var description: PipelineDescription
    /// What it is expected to do with one stream.
    public var alone: PipelinePrediction
    /// What it is expected to do with its part of the planned streams; nil where it gets none.
    public var planned: PipelinePrediction?
}

/// A worker that a plan leaves without layers.
public struct IdleWorker: Sendable, Equatable {
    /// Index among the planner's workers.
    public var worker: Int
    /// Why, with numbers; one line for people.
    public var reason: String

    public init(worker: Int, reason: String) {
        self.worker = worker
        self.reason = reason
    }
}

/// Which workers carry which layers, and what comes of it.
public struct PlannedCluster: Sendable, Equatable {
    public var objective: PlanObjective
    /// Streams it was made for.
    public var streams: Int
    public var pipelines: [PlannedPipeline]
    public var idle: [IdleWorker]
    /// Why it has so many pipelines; one line for people.
    public var reason: String
    /// Expected with the planned streams.
    public var tokensPerSecond: Double
    /// Expected with one stream.
    public var tokensPerSecondAlone: Double
}

extension PipelineDescription {
    /// What stages make of workers: costs, links between them and to the coordinator, and KV cache blocks.
    ///
    /// - Parameter sequences: the most sequences of full length for which there are blocks.
    public init(
        _ stages: [PlannedStage], workers: [WorkerDescription], model: ModelDescription, sequences: Int = 256
    ) {
        var described: [StageDescription] = []
        var before: WorkerDescription?
        for stage in stages {
            let worker = workers[stage.worker]
            // The coordinator sends token ids, which are few bytes.
            var link = LinkDescription(latencyMilliseconds: worker.link.latencyMilliseconds)
            if let before { link = before.host == worker.host ? .loopback : before.link.joined(worker.link) }
            let hasHead = stage.layers.upperBound == model.layerCount
            described.append(
                StageDescription(
                    host: worker.host, costs: worker.stageCosts(layers: stage.layers.count, hasHead: hasHead),
                    link: link))
            before = worker
        }
        let memory = stages.map {
            (layers: $0.layers, cacheBytes: workers[$0.worker].cacheBytes(beside: $0.layers, of: model))
        }
        self.init(
            blocks: model.blockCount(stages: memory, sequences: sequences), stages: described,
            resultLink: LinkDescription(latencyMilliseconds: before?.link.latencyMilliseconds ?? 0))
    }
}
