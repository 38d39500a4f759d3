import Scheduling

/// What the planner is asked: which model goes on which workers, and what counts.
struct PlanningProblem: Sendable {
    let model: ModelDescription
    let workers: [WorkerDescription]
    let objective: PlanObjective
    /// Streams that decode at once.
    let streams: Int
    /// The most sequences of full length for which a pipeline has KV cache blocks.
    let sequences: Int

    /// How good pipelines are for the objective, in tokens per second.
    func score(of pipelines: [PipelineDescription]) -> Double {
        switch objective {
        case .throughput: ClusterPrediction(pipelines, streams: streams).tokensPerSecond
        case .latency: pipelines.map { $0.prediction(streams: 1).tokensPerSecond }.min() ?? 0
        }
    }
}
