import Scheduling

/// One stage of a planned pipeline: which worker carries which layers.
public struct PlannedStage: Sendable, Equatable {
    /// Index among the planner's workers.
    public var worker: Int
    public var layers: Range<Int>

    public init(worker: Int, layers: Range<Int>) {
        self.worker = worker
        self.layers = layers
    }
}

extension PipelineDescription {
    /// The pipeline that planned stages make: their costs, their links, and its KV cache blocks.
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
