import Engine
import Logging
import Messages
import Scheduling
import Transport
import Wire

/// Who is there, what each carries, and when a plan is live: hello, assignment, the ready barrier, heartbeats, faults and
/// farewells. A pure state machine; `now` is in milliseconds from any start.
package struct Membership {
    let configuration: MembershipConfiguration
    let model: ServedModel
    /// The most sequences of full length for which a pipeline has KV cache blocks.
    let sequences: Int
    // In the order in which they came.
    package internal(set) var workers: [WorkerRecord] = []
    package internal(set) var plan: Plan?
    package internal(set) var isLive = false
    var lastEpoch: UInt64 = 0
    private var lastHeartbeat: UInt64 = 0
    var planFailure: String?
    // As of the last message or tick.
    var now: UInt64 = 0
    var planSince: UInt64 = 0
    var calibratingSince: UInt64?
    // Workers came or went since the planner was asked.
    var workersChanged = false
    private var failuresInARow: UInt64 = 0
    var nextPlanAt: UInt64 = 0
    // The coordinator's own ends of each pipeline's data links.
    var links: [LinkCounts] = []

    /// - Parameter sequences: the most sequences of full length for which a pipeline has KV cache blocks.
    package init(configuration: MembershipConfiguration, model: ServedModel, sequences: Int) {
        self.configuration = configuration
        self.model = model
        self.sequences = sequences
    }

    package var isDraining: Bool { workers.contains { $0.isDraining } }

    // MARK: - Messages

    /// - Parameter address: the host the message came from, where known.
    package mutating func hello(
        _ hello: Hello, from id: WorkerID, address: String?, now: UInt64
    ) -> [MembershipAction] {
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
        workersChanged = true
        let joined = MembershipAction.log(
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

    package mutating func ready(_ ready: Ready, epoch: UInt64, from id: WorkerID) -> [MembershipAction] {
        guard let index = index(of: id), epoch == plan?.epoch, workers[index].state == .loading else { return [] }
        let held = layers(of: workers[index]) ?? 0..<0
        if let group = model.foreignGroup(in: ready.digests) ?? model.missingGroup(in: ready.digests, of: held) {
            return refuse(id, "its model is not '\(model.name)': \(group) differs from the coordinator's")
        }
        workers[index].state = .ready
        workers[index].ready = ready
        let fewer = limitBlocks(to: ready.blockCount, of: workers[index])
        guard let plan, plan.workers.allSatisfy({ record($0)?.state == .ready }) else { return fewer }
        return fewer + calibrate()
    }

    package mutating func heartbeat(_ statistics: Statistics?, epoch: UInt64, from id: WorkerID, now: UInt64) {
        guard let index = index(of: id), epoch == plan?.epoch, let statistics else { return }
        workers[index].note(statistics, now: now)
    }

    package mutating func measured(
        _ speeds: [Speed], epoch: UInt64, from id: WorkerID
    ) -> [MembershipAction] {
        guard let index = index(of: id), epoch == plan?.epoch, workers[index].measuring else { return [] }
        workers[index].measuring = false
        workers[index].isMeasured = true
        workers[index].speeds = Array(speeds.prefix(8))
        return calibratingSince == nil ? [] : calibrate()
    }

    /// A worker wants to leave: it is let go when running requests have ended; see ``drained()``.
    package mutating func drain(_ id: WorkerID) -> [MembershipAction] {
        guard let index = index(of: id) else { return [] }
        workers[index].isDraining = true
        if isLive, workers[index].stage != nil {
            return [.log(.info, "\(workers[index].label) wants to leave: waiting for running requests")]
        }
        return [.send(.bye(reason: nil), epoch: 0, to: id)] + remove(id, "left", level: .info)
    }

    /// No request runs: workers that wanted to leave may go.
    package mutating func drained() -> [MembershipAction] {
        let leaving = workers.filter(\.isDraining).map(\.id)
        return leaving.flatMap { [.send(.bye(reason: nil), epoch: 0, to: $0)] + remove($0, "left", level: .info) }
    }

    package mutating func bye(_ id: WorkerID, reason: String?) -> [MembershipAction] {
        remove(id, reason.map { "left: \($0)" } ?? "left", level: .info)
    }

    package mutating func fault(
        _ reason: String, fatal: Bool, epoch: UInt64, from id: WorkerID
    ) -> [MembershipAction] {
        guard let worker = record(id) else { return [] }
        if fatal { return remove(id, "failed: \(reason)") }
        guard epoch == plan?.epoch, worker.stage != nil else { return [] }
        // One that cannot measure is not asked again: the next plan would end the same way.
        if worker.measuring, let index = index(of: id) { workers[index].isMeasured = true }
        return endPlan("\(worker.label) failed: \(reason)")
    }

    /// A worker's connection is gone.
    package mutating func unreachable(_ id: WorkerID) -> [MembershipAction] { remove(id, "is gone") }

    // MARK: - Time

    package mutating func tick(now: UInt64) -> [MembershipAction] {
        self.now = now
        var actions: [MembershipAction] = []
        let patience = configuration.heartbeatMilliseconds * configuration.missedHeartbeats
        let silent = workers.filter { now - min(now, $0.lastHeard) > patience }.map(\.id)
        actions += remove(silent, "has not been heard of for \(patience / 1_000) s")
        if plan != nil, !isLive, now - planSince > configuration.loadingMilliseconds {
            let slow = workers.filter { $0.state == .loading }.map(\.id)
            let minutes = configuration.loadingMilliseconds / 60_000
            actions += slow.flatMap { refuse($0, "it has not loaded its layers within \(minutes) minutes") }
        }
        if let since = calibratingSince, now - since > configuration.calibrationMilliseconds {
            for index in workers.indices where workers[index].stage != nil { workers[index].isMeasured = true }
            actions += calibrate()
        }
        if let link = lostLink(now: now) { actions += endPlan(link) }
        actions += replan()
        if now - lastHeartbeat >= configuration.heartbeatMilliseconds {
            lastHeartbeat = now
            actions += workers.map { .send(.heartbeat(Heartbeat()), epoch: plan?.epoch ?? 0, to: $0.id) }
        }
        return actions
    }

    // MARK: - Plans

    mutating func endPlan(_ reason: String, level: Logger.Level = .warning) -> [MembershipAction] {
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
        calibratingSince = nil
        for index in workers.indices { workers[index].leavePlan() }
        let log = MembershipAction.log(level, reason)
        return (wasLive ? [log, .pipelinesDown(reason: reason)] : [log]) + replan()
    }

    /// Sends a worker away that was taken in.
    private mutating func refuse(_ id: WorkerID, _ reason: String) -> [MembershipAction] {
        [.send(.refused(reason: reason), epoch: 0, to: id)] + remove(id, "was refused: \(reason)")
    }

    private mutating func remove(
        _ id: WorkerID, _ what: String, level: Logger.Level = .warning
    ) -> [MembershipAction] {
        remove([id], what, level: level)
    }

    /// All at once, so that no plan is made in between with one that goes too.
    private mutating func remove(
        _ ids: [WorkerID], _ what: String, level: Logger.Level = .warning
    ) -> [MembershipAction] {
        let leaving = workers.filter { ids.contains($0.id) }
        guard !leaving.isEmpty else { return [] }
        workers.removeAll { ids.contains($0.id) }
        workersChanged = true
        let ending = leaving.first { $0.stage != nil }
        let logs = leaving.filter { $0.id != ending?.id }
            .map { MembershipAction.log(.info, "\($0.label) \(what)") }
        if let ending { return logs + endPlan("\(ending.label) \(what)", level: level) }
        return logs + replan()
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
        guard hello.numericsVersion == model.numericsVersion else {
            let theirs = hello.numericsVersion.map { "version \($0)" } ?? "a version that it does not name"
            return "its arithmetic is of \(theirs), and this coordinator's of version "
                + "\(model.numericsVersion): use the same version of paceline on both"
        }
        guard hello.configurationSHA256 == model.digests.configuration else {
            return "it holds another model: its settings are not those of '\(model.name)'"
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

    private func welcome(_ id: WorkerID) -> MembershipAction {
        .send(
            .welcome(
                Welcome(
                    heartbeatMilliseconds: UInt32(configuration.heartbeatMilliseconds),
                    version: ProtocolVersion.current, workerID: id)), epoch: 0, to: id)
    }

    func index(of id: WorkerID) -> Int? { workers.firstIndex { $0.id == id } }

    package func record(_ id: WorkerID) -> WorkerRecord? { workers.first { $0.id == id } }

    /// The layers a worker has in the present plan.
    package func layers(of worker: WorkerRecord) -> Range<Int>? {
        guard let pipeline = worker.pipeline, let stage = worker.stage else { return nil }
        return plan?.pipelines[pipeline].layers[stage]
    }
}
