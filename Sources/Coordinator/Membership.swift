import Logging
import Scheduling
import Transport
import Wire

/// How the coordinator keeps its workers.
package struct MembershipConfiguration {
    package var workersWanted: Int
    package var heartbeatMilliseconds: UInt64 = 1_000
    /// Heartbeats in a row that may be missed.
    package var missedHeartbeats: UInt64 = 3
    /// A plan is made without a worker that has been loading for so long.
    package var loadingMilliseconds: UInt64 = 15 * 60_000
    /// Plans that fail one after the other are made ever more slowly; one that lived so long begins anew.
    package var steadyMilliseconds: UInt64 = 30_000
    package var longestPauseMilliseconds: UInt64 = 30_000
    /// A message reported sent on a link, and not reported received for so long, is lost.
    package var linkLossMilliseconds: UInt64 = 2_500
    package var maximumWorkers = 256
    /// Where the last stage sends results; "*" as host means the host at which the worker dials the coordinator.
    package var resultEndpoint: String

    package init(workersWanted: Int, resultEndpoint: String) {
        self.workersWanted = workersWanted
        self.resultEndpoint = resultEndpoint
    }
}

/// What the membership wants done.
package enum MembershipDirective: Equatable {
    case send(WireMessage.Body, epoch: UInt64, to: WorkerID)
    /// Every stage is ready: batches go to `firstEndpoint`.
    case pipelineUp(Plan, firstEndpoint: String)
    case pipelineDown(reason: String)
    case log(Logger.Level, String)
}

/// Who is there, what each carries, and when a plan is live: hello, assignment, the ready barrier, heartbeats, faults and
/// farewells. A pure state machine; `now` is in milliseconds from any start.
package struct Membership {
    let configuration: MembershipConfiguration
    let model: ServedModel
    private let maker: PlanMaker
    // In the order in which they came.
    package private(set) var workers: [WorkerRecord] = []
    package private(set) var plan: Plan?
    package private(set) var isLive = false
    private var lastEpoch: UInt64 = 0
    private var lastHeartbeat: UInt64 = 0
    private var planFailure: String?
    // As of the last message or tick.
    private var now: UInt64 = 0
    private var planSince: UInt64 = 0
    private var failuresInARow: UInt64 = 0
    private var nextPlanAt: UInt64 = 0
    // The coordinator's own ends of the data links.
    private var batchesSent: UInt64 = 0
    private var batchSentAt: UInt64 = 0
    private var resultsReceived: UInt64 = 0

    package init(configuration: MembershipConfiguration, model: ServedModel, sequences: Int) {
        self.configuration = configuration
        self.model = model
        maker = PlanMaker(model: model, workersWanted: configuration.workersWanted, sequences: sequences)
    }

    /// One line for people.
    package var stateLine: String {
        if isLive, let draining = workers.first(where: \.isDraining) {
            return "\(draining.label) is leaving; waiting for running requests"
        }
        if isLive { return "ready: \(plan?.layers.count ?? 0) stages" }
        if plan != nil {
            let loading = workers.count { $0.state == .loading }
            return "loading: \(loading) of \(configuration.workersWanted) workers are still loading their layers"
        }
        if let planFailure { return planFailure }
        if now < nextPlanAt { return "the last plans failed; the next is made in \((nextPlanAt - now) / 1_000 + 1) s" }
        let here = workers.count { !$0.isDraining }
        return "waiting for workers: \(here) of \(configuration.workersWanted) are here"
    }

    package var isDraining: Bool { workers.contains { $0.isDraining } }

    // MARK: - Messages

    /// - Parameter address: the host the message came from, where known.
    package mutating func hello(
        _ hello: Hello, from id: WorkerID, address: String?, now: UInt64
    ) -> [MembershipDirective] {
        self.now = now
        if let index = index(of: id) {
            // Hello is repeated until Welcome arrives.
            workers[index].lastHeard = now
            return [welcome(id)]
        }
        let endpoint = hello.dataEndpoint.replacingWildcardHost(with: address)
        if let reason = refusal(of: hello, endpoint: endpoint) {
            return [
                .send(.refused(reason: reason), epoch: 0, to: id),
                .log(.warning, "refused worker '\(hello.name)': \(reason)"),
            ]
        }
        let worker = WorkerRecord(id: id, hello: hello, endpoint: endpoint, lastHeard: now)
        workers.append(worker)
        let joined = MembershipDirective.log(
            .info, "\(worker.label) joined: \(hello.cores) cores, \(hello.instructionSet)")
        return [welcome(id), joined] + replan()
    }

    /// Any message of a worker shows that it lives.
    package mutating func heard(from id: WorkerID, now: UInt64) -> Bool {
        self.now = now
        guard let index = index(of: id) else { return false }
        workers[index].lastHeard = now
        return true
    }

    package mutating func ready(_ ready: Ready, epoch: UInt64, from id: WorkerID) -> [MembershipDirective] {
        guard let index = index(of: id), epoch == plan?.epoch, workers[index].state == .loading else { return [] }
        let held = layers(of: workers[index]) ?? 0..<0
        if let group = model.foreignGroup(in: ready.digests) ?? model.missingGroup(in: ready.digests, of: held) {
            return refuse(id, "its model is not '\(model.name)': \(group) differs from the coordinator's")
        }
        workers[index].state = .ready
        workers[index].ready = ready
        guard let plan, plan.workers.allSatisfy({ record($0)?.state == .ready }) else { return [] }
        isLive = true
        batchesSent = 0
        resultsReceived = 0
        let ranges = plan.layers.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ", ")
        return [
            .log(.info, "plan \(plan.epoch) is live: layers \(ranges); \(plan.blockCount) KV cache blocks"),
            .pipelineUp(plan, firstEndpoint: record(plan.workers[0])?.endpoint ?? ""),
        ] + measureNext()
    }

    package mutating func heartbeat(_ statistics: Statistics?, epoch: UInt64, from id: WorkerID, now: UInt64) {
        guard let index = index(of: id), epoch == plan?.epoch, let statistics else { return }
        workers[index].note(statistics, now: now)
    }

    package mutating func measured(
        _ speeds: [Speed], epoch: UInt64, from id: WorkerID
    ) -> [MembershipDirective] {
        guard let index = index(of: id), epoch == plan?.epoch, workers[index].measuring else { return [] }
        workers[index].measuring = false
        workers[index].isMeasured = true
        workers[index].speeds = Array(speeds.prefix(8))
        return measureNext()
    }

    /// A worker wants to leave: it is let go when running requests have ended; see ``drained()``.
    package mutating func drain(_ id: WorkerID) -> [MembershipDirective] {
        guard let index = index(of: id) else { return [] }
        workers[index].isDraining = true
        if isLive, workers[index].stage != nil {
            return [.log(.info, "\(workers[index].label) wants to leave: waiting for running requests")]
        }
        return [.send(.bye(reason: nil), epoch: 0, to: id)] + remove(id, "left", level: .info)
    }

    /// No request runs: workers that wanted to leave may go.
    package mutating func drained() -> [MembershipDirective] {
        let leaving = workers.filter(\.isDraining).map(\.id)
        return leaving.flatMap { [.send(.bye(reason: nil), epoch: 0, to: $0)] + remove($0, "left", level: .info) }
    }

    package mutating func bye(_ id: WorkerID, reason: String?) -> [MembershipDirective] {
        remove(id, reason.map { "left: \($0)" } ?? "left", level: .info)
    }

    package mutating func fault(
        _ reason: String, fatal: Bool, epoch: UInt64, from id: WorkerID
    ) -> [MembershipDirective] {
        guard let worker = record(id) else { return [] }
        if fatal { return remove(id, "failed: \(reason)") }
        guard epoch == plan?.epoch, worker.stage != nil else { return [] }
        return endPlan("\(worker.label) failed: \(reason)")
    }

    /// A worker's connection is gone.
    package mutating func unreachable(_ id: WorkerID) -> [MembershipDirective] { remove(id, "is gone") }

    // MARK: - Data links

    package mutating func batchSent(_ sequence: UInt64, now: UInt64) {
        batchesSent = sequence
        batchSentAt = now
    }

    /// A result came over the last link; a gap means that the link lost one.
    package mutating func resultReceived(_ sequence: UInt64?) -> [MembershipDirective] {
        guard let sequence, sequence == resultsReceived + 1 else {
            return endPlan("the link from the last stage lost a message")
        }
        resultsReceived = sequence
        return []
    }

    // MARK: - Time

    package mutating func tick(now: UInt64) -> [MembershipDirective] {
        self.now = now
        var directives: [MembershipDirective] = []
        let patience = configuration.heartbeatMilliseconds * configuration.missedHeartbeats
        let silent = workers.filter { now - min(now, $0.lastHeard) > patience }.map(\.id)
        directives += remove(silent, "has not been heard of for \(patience / 1_000) s")
        if plan != nil, !isLive, now - planSince > configuration.loadingMilliseconds {
            let slow = workers.filter { $0.state == .loading }.map(\.id)
            let minutes = configuration.loadingMilliseconds / 60_000
            directives += slow.flatMap { refuse($0, "it has not loaded its layers within \(minutes) minutes") }
        }
        if let link = lostLink(now: now) { directives += endPlan(link) }
        directives += replan()
        if now - lastHeartbeat >= configuration.heartbeatMilliseconds {
            lastHeartbeat = now
            directives += workers.map { .send(.heartbeat(Heartbeat()), epoch: plan?.epoch ?? 0, to: $0.id) }
        }
        return directives
    }

    /// Says on which link of the live plan a message got lost: sent long ago, and still not taken in.
    private func lostLink(now: UInt64) -> String? {
        guard isLive, let plan else { return nil }
        let loss = configuration.linkLossMilliseconds
        var sender = "the coordinator"
        var sent = batchesSent
        var since = batchSentAt
        for id in plan.workers {
            guard let worker = record(id), let statistics = worker.statistics else { return nil }
            if sent > statistics.receivedSequence, worker.statisticsSince > since + loss {
                return "the link from \(sender) to \(worker.label) lost a message"
            }
            sender = worker.label
            sent = statistics.sentSequence
            since = worker.sentSince
        }
        if sent > resultsReceived, now > since + loss {
            return "the link from \(sender) to the coordinator lost a message"
        }
        return nil
    }

    // MARK: - Plans

    /// Makes a plan where there is none and enough workers are here.
    private mutating func replan() -> [MembershipDirective] {
        guard plan == nil, now >= nextPlanAt else { return [] }
        let lastFailure = planFailure
        planFailure = nil
        do throws(LayerPlanError) {
            let candidates = workers.filter { !$0.isDraining }
            guard let next = try maker.plan(epoch: lastEpoch + 1, candidates: candidates) else { return [] }
            return adopt(next)
        } catch {
            planFailure = "cannot plan: \(error)"
            return lastFailure == planFailure ? [] : [.log(.warning, "cannot plan: \(error)")]
        }
    }

    private mutating func adopt(_ next: Plan) -> [MembershipDirective] {
        lastEpoch = next.epoch
        plan = next
        planSince = now
        let endpoints = next.workers.map { record($0)?.endpoint ?? "" }
        let assignments = next.assignments(endpoints: endpoints, results: configuration.resultEndpoint)
        var directives: [MembershipDirective] = []
        for (stage, id) in next.workers.enumerated() {
            guard let index = index(of: id) else { continue }
            workers[index].leavePlan()
            workers[index].stage = stage
            workers[index].state = .loading
            directives.append(.send(.assignment(assignments[stage]), epoch: next.epoch, to: id))
        }
        return directives
    }

    private mutating func endPlan(_ reason: String, level: Logger.Level = .warning) -> [MembershipDirective] {
        guard plan != nil else { return [] }
        let wasLive = isLive
        // The first plan after a failure is made at once: a spare steps in. One that fails too is no accident.
        failuresInARow = now - planSince >= configuration.steadyMilliseconds ? 1 : failuresInARow + 1
        if failuresInARow > 1 {
            let pause = min(1_000 << min(failuresInARow - 2, 10), configuration.longestPauseMilliseconds)
            nextPlanAt = now + pause
        }
        plan = nil
        isLive = false
        for index in workers.indices { workers[index].leavePlan() }
        let log = MembershipDirective.log(level, reason)
        return (wasLive ? [log, .pipelineDown(reason: reason)] : [log]) + replan()
    }

    /// Sends a worker away that was taken in.
    private mutating func refuse(_ id: WorkerID, _ reason: String) -> [MembershipDirective] {
        [.send(.refused(reason: reason), epoch: 0, to: id)] + remove(id, "was refused: \(reason)")
    }

    private mutating func remove(
        _ id: WorkerID, _ what: String, level: Logger.Level = .warning
    ) -> [MembershipDirective] {
        remove([id], what, level: level)
    }

    /// All at once, so that no plan is made in between with one that goes too.
    private mutating func remove(
        _ ids: [WorkerID], _ what: String, level: Logger.Level = .warning
    ) -> [MembershipDirective] {
        let leaving = workers.filter { ids.contains($0.id) }
        guard !leaving.isEmpty else { return [] }
        workers.removeAll { ids.contains($0.id) }
        let ending = leaving.first { $0.stage != nil }
        let logs = leaving.filter { $0.id != ending?.id }
            .map { MembershipDirective.log(.info, "\($0.label) \(what)") }
        if let ending { return logs + endPlan("\(ending.label) \(what)", level: level) }
        return logs + replan()
    }

    /// Asks one ready worker of each host that has not said it yet for its speed.
    private mutating func measureNext() -> [MembershipDirective] {
        guard let plan, isLive else { return [] }
        var busy = Set(workers.filter(\.measuring).map(\.hello.hostID))
        var directives: [MembershipDirective] = []
        for index in workers.indices where workers[index].state == .ready && !workers[index].isMeasured {
            guard busy.insert(workers[index].hello.hostID).inserted else { continue }
            workers[index].measuring = true
            directives.append(.send(.measure, epoch: plan.epoch, to: workers[index].id))
        }
        return directives
    }

    // MARK: - Records

    private func refusal(of hello: Hello, endpoint: String) -> String? {
        let ours = ProtocolVersion.supported
        guard hello.protocolMinimum <= hello.protocolMaximum,
            ours.overlaps(hello.protocolMinimum...hello.protocolMaximum)
        else {
            return "it speaks protocol \(hello.protocolMinimum) to \(hello.protocolMaximum), and this coordinator "
                + "\(ours.lowerBound) to \(ours.upperBound): use the same version of paceline on both"
        }
        guard let reachable = try? Endpoint(endpoint), reachable.port != 0, reachable.host != "*" else {
            return "its data endpoint, \(endpoint), is none that another worker can dial"
        }
        guard hello.configurationSHA256 == model.configurationSHA256 else {
            return "it holds another model: its config.json is not that of '\(model.name)'"
        }
        if let group = model.foreignGroup(in: hello.digests) {
            return "it holds another model: \(group) differs from that of '\(model.name)'"
        }
        if let pin = hello.pinnedLayers, pin.upperBound >= UInt32(model.layerCount) {
            return "layers \(pin.lowerBound)-\(pin.upperBound) are not in this model: it has layers "
                + "0-\(model.layerCount - 1)"
        }
        guard workers.count < configuration.maximumWorkers else {
            return "\(workers.count) workers are here already, and no more are taken"
        }
        return nil
    }

    private func welcome(_ id: WorkerID) -> MembershipDirective {
        .send(
            .welcome(
                Welcome(
                    heartbeatMilliseconds: UInt32(configuration.heartbeatMilliseconds),
                    version: ProtocolVersion.current, workerID: id)), epoch: 0, to: id)
    }

    /// A plan as the scheduler sees it.
    package func description(of plan: Plan) -> PipelineDescription {
        var hosts: [String] = []
        let stages = plan.workers.map { id in
            let host = record(id)?.hello.hostID ?? ""
            if !hosts.contains(host) { hosts.append(host) }
            return StageDescription(host: hosts.firstIndex(of: host) ?? 0, costs: RowCosts([]))
        }
        return PipelineDescription(blocks: plan.blockCount, stages: stages)
    }

    private func index(of id: WorkerID) -> Int? { workers.firstIndex { $0.id == id } }

    package func record(_ id: WorkerID) -> WorkerRecord? { workers.first { $0.id == id } }

    /// The layers a worker has in the present plan.
    package func layers(of worker: WorkerRecord) -> Range<Int>? { worker.stage.flatMap { plan?.layers[$0] } }
}
