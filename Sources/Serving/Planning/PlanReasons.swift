import Foundation

/// Says why a plan is as it is, with the numbers that decided.
struct PlanReasons {
    private let problem: PlanningProblem
    private let chosen: PlanCandidate
    private var model: ModelDescription { problem.model }
    private var workers: [WorkerDescription] { problem.workers }

    init(_ problem: PlanningProblem, _ chosen: PlanCandidate) {
        self.problem = problem
        self.chosen = chosen
    }

    // MARK: - Pipelines

    /// Why the plan has so many pipelines, and what is expected of other numbers of them.
    func pipelineCount(among candidates: [PlanCandidate]) -> String {
        let count = chosen.pipelines.count
        func best(_ isMeant: (Int) -> Bool) -> PlanCandidate? {
            candidates.filter { isMeant($0.pipelines.count) }.max { $0.score < $1.score }
        }
        if count > 1 {
            let one = best { $0 == 1 }
            let alone = one.map { ", where one of \(stages($0)) does \(speed($0))" } ?? ""
            return "\(count) pipelines do \(speed(chosen))\(alone)"
        }
        if let more = best({ $0 > 1 }) {
            return "one pipeline of \(stages(chosen)) does \(speed(chosen)); \(more.pipelines.count) would do "
                + "\(speed(more))"
        }
        if Set(workers.map(\.host)).count == 1 {
            return workers.count == 1
                ? "one pipeline: there is one worker" : "one pipeline: all workers are on one machine and take turns"
        }
        return problem.streams == 1
            ? "one pipeline: there is one stream" : "one pipeline: the workers hold the model only once"
    }

    private func stages(_ candidate: PlanCandidate) -> String {
        let count = candidate.pipelines[0].stages.count
        return count == 1 ? "1 stage" : "\(count) stages"
    }

    private func speed(_ candidate: PlanCandidate) -> String {
        let count = problem.objective == .latency ? 1 : problem.streams
        return "\(candidate.score.shortText) tok/s with \(count) \(count == 1 ? "stream" : "streams")"
    }

    // MARK: - Idle workers

    /// The workers to which the plan gives no layers, each with the reason.
    var idleWorkers: [IdleWorker] {
        let used = Set(chosen.pipelines.flatMap { $0.stages.map(\.worker) })
        // Many workers may be alike.
        var known: [(kind: WorkerKind, sharesHost: Bool, reason: String)] = []
        let hosts = Set(used.map { workers[$0].host })
        return workers.indices.filter { !used.contains($0) }.map { index in
            let (kind, sharesHost) = (WorkerKind(workers[index], model), hosts.contains(workers[index].host))
            if let same = known.first(where: { $0.kind.isLike(kind) && $0.sharesHost == sharesHost }) {
                return IdleWorker(worker: index, reason: same.reason)
            }
            let reason = idleReason(index, used)
            known.append((kind, sharesHost, reason))
            return IdleWorker(worker: index, reason: reason)
        }
    }

    private func idleReason(_ index: Int, _ used: Set<Int>) -> String {
        let worker = workers[index]
        if let memory = worker.memoryBytes, !WorkerKind(worker, model).canWork(in: model) {
            let least = model.leastBytes(of: worker.pin ?? 1..<2)
            let what = worker.pin.map { "layers \($0.layerText)" } ?? "a layer"
            return "it has \(memory.megabytes), and \(what) with one sequence of KV cache takes \(least.megabytes)"
        }
        if let pin = worker.pin {
            let holders = used.filter { workers[$0].pin?.overlaps(pin) == true }.min()
            let holder = holders.map { ", and '\(workers[$0].name)' has layers of these" } ?? ""
            return "it is bound to layers \(pin.layerText)\(holder)"
        }
        return comparison(index)
    }

    /// What is expected of the first pipeline with this worker in it.
    private func comparison(_ index: Int) -> String {
        let first = chosen.pipelines[0]
        guard first.stages.count < model.layerCount else {
            return "none of the \(model.layerCount) layers is left for it"
        }
        let team = (first.stages.map(\.worker) + [index]).sorted()
        let fleet = MachineFleet(workers, team, model: model, most: model.layerCount)
        let share = ClusterPrediction(chosen.pipelines.map(\.description), streams: problem.streams).pipelines[0]
        let planned = problem.objective == .latency ? 1 : max(1, share?.streams ?? 1)
        var search = PipelineSearch(model, workers, fleet)
        guard let with = search.pipelineOfAll(Array(fleet.machines.indices), streams: planned) else {
            return "no layers are left for it beside the others"
        }
        let others = chosen.pipelines.dropFirst().map(\.description)
        let rate = problem.score(of: [with.description] + others)
        return "\(rate.shortText) tok/s with it, \(chosen.score.shortText) without" + facts(index, first, planned)
    }

    private func facts(_ index: Int, _ pipeline: PipelineCandidate, _ streams: Int) -> String {
        let rows = pipeline.description.prediction(streams: streams).rows
        let layer = workers[index].layerCosts.milliseconds(rows: rows)
        let way = workers[index].link.milliseconds(rows: rows)
        let slowest = pipeline.description.slowestMilliseconds(rows: rows)
        return ": one layer takes it \(layer.shortText) ms for \(rows) \(rows == 1 ? "row" : "rows") and the way to it "
            + "\(way.shortText) ms; the slowest machine is done in \(slowest.shortText) ms"
    }
}

extension Double {
    /// For people: three digits or so.
    var shortText: String {
        let decimals = abs(self) >= 100 ? 0 : abs(self) >= 10 ? 1 : 2
        return String(format: "%.\(decimals)f", self)
    }
}
