/// A possible plan, which the planner compares with others.
struct PlanCandidate {
    var pipelines: [PipelineCandidate]
    /// See ``PlanningProblem/score(of:)``.
    var score: Double
    /// With the planned streams, whatever the objective.
    var tokensPerSecond: Double

    var workerCount: Int { pipelines.reduce(0) { $0 + $1.stages.count } }
}
