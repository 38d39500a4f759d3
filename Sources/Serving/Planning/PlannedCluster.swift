import Scheduling

/// One pipeline of a planned cluster: stages that together carry the whole model.
public struct PlannedPipeline: Sendable, Equatable {
    /// In order.
    public var stages: [PlannedStage]
    public var description: PipelineDescription
    /// What is expected of it with one stream.
    public var alone: PipelinePrediction
    /// What is expected of it with its part of the planned streams; nil if it gets none.
    public var planned: PipelinePrediction?
}

/// A worker to which the planner gives no layers.
public struct IdleWorker: Sendable, Equatable {
    /// Index among the planner's workers.
    public var worker: Int
    /// Why, with numbers: one line for people.
    public var reason: String

    public init(worker: Int, reason: String) {
        self.worker = worker
        self.reason = reason
    }
}

/// The result of the planner: which workers carry which layers, in how many pipelines, and what is expected of them.
public struct PlannedCluster: Sendable, Equatable {
    public var objective: PlanObjective
    /// The streams for which it was planned.
    public var streams: Int
    public var pipelines: [PlannedPipeline]
    public var idle: [IdleWorker]
    /// Why it has so many pipelines: one line for people.
    public var reason: String
    /// Expected with the planned streams.
    public var tokensPerSecond: Double
    /// Expected with one stream.
    public var tokensPerSecondAlone: Double
}
