import Messages
import Planning
import Scheduling

extension Membership {
    private var candidates: [WorkerRecord] { workers.filter { !$0.isDraining } }

    private func planner(_ candidates: [WorkerRecord]) -> Planner {
        Planner(
            model: model.description, workers: descriptions(of: candidates), objective: configuration.objective,
            streams: configuration.streams, sequences: sequences)
    }

    private func makePlan(_ candidates: [WorkerRecord]) throws(PlanningError) -> Plan {
        let planner = planner(candidates)
        let plan = try planner.plan()
        return Plan(
            plan, epoch: lastEpoch + 1, ids: candidates.map(\.id), model: model,
            expectedSpeed: planner.score(of: plan.pipelines.map(\.description)))
    }

    /// Makes a plan where there is none and enough workers are here.
    mutating func replan() -> [MembershipAction] {
        guard plan == nil, now >= nextPlanAt else { return [] }
        let lastFailure = planFailure
        planFailure = nil
        let candidates = candidates
        guard candidates.count >= configuration.workersWanted else { return [] }
        // Nothing has changed: the planner would find the same.
        if let lastFailure, !workersChanged {
            planFailure = lastFailure
            return []
        }
        workersChanged = false
        do {
            return adopt(try makePlan(candidates))
        } catch {
            planFailure = "cannot plan: \(error)"
            return lastFailure == planFailure ? [] : [.log(.warning, "cannot plan: \(error)")]
        }
    }

    /// Gives each worker its layers.
    private mutating func adopt(_ next: Plan) -> [MembershipAction] {
        lastEpoch = next.epoch
        plan = next
        isLive = false
        planSince = now
        calibratingSince = nil
        workersChanged = false
        for index in workers.indices { workers[index].leavePlan() }
        let endpoints = Dictionary(uniqueKeysWithValues: workers.map { ($0.id, $0.endpoint) })
        var assignments = next.assignments(endpoints: endpoints, results: configuration.resultEndpoint)[...]
        var actions: [MembershipAction] = []
        for (number, pipeline) in next.pipelines.enumerated() {
            for (stage, id) in pipeline.workers.enumerated() {
                guard let assignment = assignments.popFirst(), let index = index(of: id) else { continue }
                workers[index].pipeline = number
                workers[index].stage = stage
                workers[index].state = .loading
                actions.append(.send(.assignment(assignment), epoch: next.epoch, to: id))
            }
        }
        return actions
    }

    /// A stage had memory for fewer blocks than it was assigned: its pipeline has no more.
    mutating func limitBlocks(to count: UInt32?, of worker: WorkerRecord) -> [MembershipAction] {
        guard let count, count > 0, let pipeline = worker.pipeline, let assigned = plan?.pipelines[pipeline].blockCount,
            count < assigned
        else { return [] }
        plan?.pipelines[pipeline].blockCount = Int(count)
        plan?.pipelines[pipeline].description.blocks = Int(count)
        return [
            .log(.warning, "\(worker.label) has memory for \(count) of \(assigned) KV cache blocks: no more are used")
        ]
    }

    // MARK: - Calibration

    /// Every stage is ready: those that have never said it are asked for their speed, one of each host at a time; when all
    /// are known the plan goes live, or a better one takes its place.
    mutating func calibrate() -> [MembershipAction] {
        guard let plan, !isLive else { return [] }
        let records = plan.workers.compactMap { record($0) }
        guard records.allSatisfy(\.isMeasured) else {
            calibratingSince = calibratingSince ?? now
            return measureNext(plan)
        }
        // Else nothing new is known.
        guard calibratingSince != nil else { return goLive() }
        calibratingSince = nil
        let present = describeAnew()
        guard let next = try? makePlan(candidates), isBetter(next, than: present) else { return goLive() }
        return [.log(.info, replacing(present, by: next))] + adopt(next)
    }

    private mutating func measureNext(_ plan: Plan) -> [MembershipAction] {
        var busy = Set(workers.filter(\.measuring).map(\.hello.hostID))
        var actions: [MembershipAction] = []
        for id in plan.workers {
            guard let index = index(of: id), !workers[index].isMeasured,
                busy.insert(workers[index].hello.hostID).inserted
            else { continue }
            workers[index].measuring = true
            actions.append(.send(.measure, epoch: plan.epoch, to: id))
        }
        return actions
    }

    private mutating func goLive() -> [MembershipAction] {
        guard let plan else { return [] }
        isLive = true
        links = plan.pipelines.map { _ in LinkCounts() }
        let logs = plan.pipelines.enumerated().map { number, pipeline in
            let ranges = pipeline.layers.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ", ")
            let name = plan.pipelines.count > 1 ? "pipeline \(number + 1): " : ""
            return MembershipAction.log(
                .info,
                "plan \(plan.epoch) is live: \(name)layers \(ranges); \(pipeline.blockCount) KV cache blocks")
        }
        let first = plan.pipelines.map { record($0.workers[0])?.endpoint ?? "" }
        return logs + [.pipelinesUp(plan, firstEndpoints: first)]
    }

    /// The present plan with what is known now of its workers' speed; its expected speed.
    private mutating func describeAnew() -> Double {
        guard var present = plan else { return 0 }
        let records = candidates
        let planner = planner(records)
        let places = Dictionary(uniqueKeysWithValues: records.enumerated().map { ($0.element.id, $0.offset) })
        for number in present.pipelines.indices {
            let pipeline = present.pipelines[number]
            let stages = zip(pipeline.workers, pipeline.layers).compactMap { id, layers in
                places[id].map { PlannedStage(worker: $0, layers: layers) }
            }
            guard stages.count == pipeline.workers.count else { continue }
            var description = PipelineDescription(stages, workers: planner.workers, model: model.description)
            description.blocks = pipeline.blockCount
            present.pipelines[number].description = description
        }
        present.expectedSpeed = planner.score(of: present.pipelines.map(\.description))
        plan = present
        return present.expectedSpeed
    }

    private func isBetter(_ next: Plan, than speed: Double) -> Bool {
        next.expectedSpeed > speed * (1 + configuration.adoptionGain)
    }

    private func replacing(_ speed: Double, by next: Plan) -> String {
        "plan \(next.epoch), \(next.shape), takes the place of plan \(lastEpoch): \(Int(next.expectedSpeed)) tok/s "
            + "expected in place of \(Int(speed))"
    }

    // MARK: - Newcomers

    /// Workers came since the plan was made, and may be taken in; see ``idle(now:)``.
    package var hasNewcomers: Bool { isLive && workersChanged && !isDraining }

    /// No request runs: workers that came since the plan was made are taken in where it gets better by that.
    package mutating func idle(now: UInt64) -> [MembershipAction] {
        self.now = now
        guard hasNewcomers, let before = plan else { return [] }
        workersChanged = false
        let present = describeAnew()
        guard let next = try? makePlan(candidates) else { return [] }
        guard isBetter(next, than: present) else {
            let reason =
                "\(Int(next.expectedSpeed)) tok/s with all workers, \(Int(present)) without: not worth loading again"
            for worker in candidates where worker.stage == nil && before.idle[worker.id] == nil {
                plan?.idle[worker.id] = next.idle[worker.id] ?? reason
            }
            return []
        }
        let line = replacing(present, by: next)
        return [.log(.info, line), .pipelinesDown(reason: line)] + adopt(next)
    }
}
