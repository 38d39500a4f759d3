import Scheduling

/// Chooses who carries which layers.
///
/// It tries one pipeline and several (replicas of the whole model), with the machines dealt to them in several ways, and
/// with all the workers of each host or fewer of them; ``PipelineSearch`` says what some machines make best. Plans are
/// compared by what they are expected to do. One that is not better by more than 5 % is not worth more pipelines, or
/// workers of one host left idle, and by 1 % not a machine left idle: predictions are not so exact. Workers on one host are never made replicas: they take turns anyhow.
public struct Planner: Sendable {
    /// How much better a plan has to be to take more pipelines, or leave workers of a host idle that it uses.
    static let margin = 0.05
    /// How much better a pipeline has to be to leave a whole machine idle.
    static let machineMargin = 0.01
    /// More pipelines are never tried.
    static let mostPipelines = 64

    let model: ModelDescription
    public let workers: [WorkerDescription]
    let objective: PlanObjective
    let streams: Int
    let sequences: Int

    /// - Parameters:
    ///   - streams: how many streams decode at once.
    ///   - sequences: the most sequences of full length for which a pipeline has KV cache blocks.
    public init(
        model: ModelDescription, workers: [WorkerDescription], objective: PlanObjective = .throughput,
        streams: Int = 64, sequences: Int = 256
    ) {
        self.model = model
        self.workers = workers
        self.objective = objective
        self.streams = max(1, streams)
        self.sequences = sequences
    }

    /// The plan for these workers; the same workers in the same order always get the same one.
    /// - Throws: ``PlanningError`` where they cannot hold the model.
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

    /// How good pipelines are for the objective, in tokens per second: of all planned streams together, or of one that is
    /// alone, in the slowest pipeline.
    public func score(of pipelines: [PipelineDescription]) -> Double {
        switch objective {
        case .throughput: ClusterPrediction(pipelines, streams: streams).tokensPerSecond
        case .latency: pipelines.map { $0.prediction(streams: 1).tokensPerSecond }.min() ?? 0
        }
    }

    // MARK: - Candidates

    /// A plan that is compared with others.
    struct Candidate {
        var pipelines: [PipelineCandidate]
        var score: Double
        /// With the planned streams, whatever the objective.
        var tokensPerSecond: Double

        var workerCount: Int { pipelines.reduce(0) { $0 + $1.stages.count } }
    }

    private func candidates() -> [Candidate] {
        var candidates: [Candidate] = []
        for most in workersPerHost() {
            let fleet = MachineFleet(workers, Array(workers.indices), model: model, most: most)
            var search = PipelineSearch(model, workers, fleet)
            for groups in fleet.deals(atMost: min(streams, Self.mostPipelines)) {
                candidates += self.candidates(groups, &search)
            }
        }
        return candidates
    }

    /// Numbers of workers of one host that are tried: all, and ever fewer.
    private func workersPerHost() -> [Int] {
        let most = Dictionary(grouping: workers, by: \.host).values.map(\.count).max() ?? 1
        var counts = [min(most, model.layerCount)]
        while let last = counts.last, last > 1, !workers.contains(where: { $0.pin != nil }) {
            counts.append(last > 4 ? last / 2 : last - 1)
        }
        return counts
    }

    /// The plans of one pipeline for each group of machines: with as many workers as pay, and the fastest.
    private func candidates(_ groups: [[Int]], _ search: inout PipelineSearch) -> [Candidate] {
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
            return Candidate(
                pipelines: pipelines, score: score(of: descriptions),
                tokensPerSecond: ClusterPrediction(descriptions, streams: streams).tokensPerSecond)
        }
    }

    /// Of those that are as good as the best, but for the margin, the one with the fewest pipelines, then the one with
    /// most workers, then the best.
    private func choose(_ candidates: [Candidate]) -> Candidate? {
        func near(_ candidates: [Candidate], _ value: (Candidate) -> Double) -> [Candidate] {
            let best = candidates.map(value).max() ?? 0
            return candidates.filter { value($0) * (1 + Self.margin) >= best }
        }
        var best = near(candidates, \.score)
        if objective == .latency { best = near(best, \.tokensPerSecond) }
        return best.min {
            ($0.pipelines.count, -$0.workerCount, -$0.score) < ($1.pipelines.count, -$1.workerCount, -$1.score)
        }
    }

    private func describe(_ chosen: Candidate, among candidates: [Candidate]) -> PlannedCluster {
        let descriptions = chosen.pipelines.map {
            PipelineDescription($0.stages, workers: workers, model: model, sequences: sequences)
        }
        let prediction = ClusterPrediction(descriptions, streams: streams)
        let pipelines = chosen.pipelines.indices.map { place in
            PlannedPipeline(
                stages: chosen.pipelines[place].stages, description: descriptions[place],
                alone: descriptions[place].prediction(streams: 1), planned: prediction.pipelines[place])
        }
        return PlannedCluster(
            objective: objective, streams: streams, pipelines: pipelines, idle: idleWorkers(chosen),
            reason: reason(for: chosen, among: candidates), tokensPerSecond: prediction.tokensPerSecond,
            tokensPerSecondAlone: ClusterPrediction(descriptions, streams: 1).tokensPerSecond)
    }

    // MARK: - Failures

    private func failure() -> PlanningError {
        var roomy = workers
        for index in roomy.indices { roomy[index].memoryBytes = nil }
        let fleet = MachineFleet(roomy, Array(roomy.indices), model: model, most: model.layerCount)
        var search = PipelineSearch(model, roomy, fleet)
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
