import Scheduling

/// Decides which workers carry which layers.
///
/// It tries one pipeline and several (replicas of the whole model), with several ways to divide the machines among them,
/// and with all workers of each host or fewer; ``PipelineSearch`` finds the best pipeline of some machines. Plans are
/// compared by what is expected of them. Predictions are not exact, so a plan must be better by 5 % to use more pipelines
/// or leave workers of a used host idle, and by 1 % to leave a whole machine idle. Workers on one host are never
/// replicas of one another: they would take turns anyway.
public struct Planner: Sendable {
    /// How much better a plan has to be to use more pipelines, or to leave workers of a used host idle.
    static let margin = 0.05
    /// How much better a pipeline has to be to leave a whole machine idle.
    static let machineMargin = 0.01
    /// More pipelines are never tried.
    static let mostPipelines = 64

    private let problem: PlanningProblem
    private var model: ModelDescription { problem.model }
    private var objective: PlanObjective { problem.objective }
    private var streams: Int { problem.streams }
    public var workers: [WorkerDescription] { problem.workers }

    /// - Parameters:
    ///   - streams: how many streams decode at once.
    ///   - sequences: the most sequences of full length for which a pipeline has KV cache blocks.
    public init(
        model: ModelDescription, workers: [WorkerDescription], objective: PlanObjective = .throughput,
        streams: Int = 64, sequences: Int = 256
    ) {
        problem = PlanningProblem(
            model: model, workers: workers, objective: objective, streams: max(1, streams), sequences: sequences)
    }

    /// The plan for these workers. The same workers in the same order always get the same plan.
    /// - Throws: ``PlanningError`` if they cannot hold the model.
    public func plan() throws(PlanningError) -> PlannedCluster {
        guard !workers.isEmpty, model.layerCount > 0 else { throw .noWorkers }
        for worker in workers {
            guard let pin = worker.pin else { continue }
            if pin.isEmpty || pin.lowerBound < 0 || pin.upperBound > model.layerCount {
                throw .outOfRange(pin: pin, layers: model.layerCount)
            }
        }
        let candidates = candidates()
        guard let chosen = choose(candidates) else { throw failure() }
        return describe(chosen, among: candidates)
    }

    /// How good pipelines are for the objective, in tokens per second: of all planned streams together, or of a single
    /// stream in the slowest pipeline.
    public func score(of pipelines: [PipelineDescription]) -> Double { problem.score(of: pipelines) }

    // MARK: - Candidates

    private func candidates() -> [PlanCandidate] {
        var candidates: [PlanCandidate] = []
        for most in workersPerHost() {
            let fleet = MachineFleet(workers, Array(workers.indices), model: model, most: most)
            var search = PipelineSearch(model, workers, fleet)
            for groups in fleet.deals(atMost: min(streams, Self.mostPipelines)) {
                candidates += self.candidates(groups, &search)
            }
        }
        return candidates
    }

    /// How many workers of one host are tried: all of them, and fewer and fewer.
    private func workersPerHost() -> [Int] {
        let most = Dictionary(grouping: workers, by: \.host).values.map(\.count).max() ?? 1
        var counts = [min(most, model.layerCount)]
        while let last = counts.last, last > 1, !workers.contains(where: { $0.pin != nil }) {
            counts.append(last > 4 ? last / 2 : last - 1)
        }
        return counts
    }

    /// Plans with one pipeline for each group of machines: the one that uses as many workers as pay off, and the fastest.
    private func candidates(_ groups: [[Int]], _ search: inout PipelineSearch) -> [PlanCandidate] {
        let speeds = groups.map { $0.reduce(0) { $0 + search.fleet.machines[$1].speed } }
        let shares = ClusterPrediction.shares(of: streams, weights: speeds)
        var variants: [[PipelineCandidate]] = [[], []]
        for (group, share) in zip(groups, shares) {
            let planned = objective == .latency ? 1 : max(1, share)
            let pipelines = search.pipelines(of: group, streams: planned, margin: Self.machineMargin)
            guard pipelines.count == variants.count else { return [] }
            for (place, pipeline) in pipelines.enumerated() { variants[place].append(pipeline) }
        }
        return variants.map { pipelines in
            let descriptions = pipelines.map(\.description)
            return PlanCandidate(
                pipelines: pipelines, score: score(of: descriptions),
                tokensPerSecond: ClusterPrediction(descriptions, streams: streams).tokensPerSecond)
        }
    }

    /// Of the plans within the margin of the best, the one with the fewest pipelines, then with the most workers, then with
    /// the best score.
    private func choose(_ candidates: [PlanCandidate]) -> PlanCandidate? {
        func near(_ candidates: [PlanCandidate], _ value: (PlanCandidate) -> Double) -> [PlanCandidate] {
            let best = candidates.map(value).max() ?? 0
            return candidates.filter { value($0) * (1 + Self.margin) >= best }
        }
        var best = near(candidates, \.score)
        if objective == .latency { best = near(best, \.tokensPerSecond) }
        return best.min {
            ($0.pipelines.count, -$0.workerCount, -$0.score) < ($1.pipelines.count, -$1.workerCount, -$1.score)
        }
    }

    private func describe(_ chosen: PlanCandidate, among candidates: [PlanCandidate]) -> PlannedCluster {
        let descriptions = chosen.pipelines.map {
            PipelineDescription($0.stages, workers: workers, model: model, sequences: problem.sequences)
        }
        let reasons = PlanReasons(problem, chosen)
        let prediction = ClusterPrediction(descriptions, streams: streams)
        let pipelines = chosen.pipelines.indices.map { place in
            PlannedPipeline(
                stages: chosen.pipelines[place].stages, description: descriptions[place],
                alone: descriptions[place].prediction(streams: 1), planned: prediction.pipelines[place])
        }
        return PlannedCluster(
            objective: objective, streams: streams, pipelines: pipelines, idle: reasons.idleWorkers,
            reason: reasons.pipelineCount(among: candidates), tokensPerSecond: prediction.tokensPerSecond,
            tokensPerSecondAlone: ClusterPrediction(descriptions, streams: 1).tokensPerSecond)
    }

    // MARK: - Failures

    private func failure() -> PlanningError {
        var unlimited = workers
        for index in unlimited.indices { unlimited[index].memoryBytes = nil }
        let fleet = MachineFleet(unlimited, Array(unlimited.indices), model: model, most: model.layerCount)
        var search = PipelineSearch(model, unlimited, fleet)
        if !search.pipelines(of: Array(fleet.machines.indices), streams: 1, margin: 0).isEmpty {
            let available = workers.reduce(0) { $0 + min($1.memoryBytes ?? 0, 1 << 50) }
            return .notEnoughMemory(needed: model.leastBytes(of: 0..<model.layerCount), available: available)
        }
        return pinFailure()
    }

    private func pinFailure() -> PlanningError {
        let pins = workers.compactMap(\.pin).sorted {
            ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
        }
        var gaps: [Range<Int>] = []
        var covered = 0
        for pin in pins + [model.layerCount..<model.layerCount] {
            if covered < pin.lowerBound { gaps.append(covered..<pin.lowerBound) }
            covered = max(covered, pin.upperBound)
        }
        let free = workers.count { $0.pin == nil }
        if gaps.count > free { return .uncovered(gaps[free]) }
        for (first, second) in zip(pins, pins.dropFirst()) where first.overlaps(second) && first != second {
            return .overlap(first, second)
        }
        return .uncovered(gaps.first ?? 0..<model.layerCount)
    }
}
