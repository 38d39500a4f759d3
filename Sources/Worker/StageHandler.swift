import DequeModule
import GPT2
import Logging
import Transport
import Wire

/// A stage's protocol, on the thread that computes: takes batches from the data link, runs them one after another, and
/// sends what comes of each to the next stage. So between a batch's arrival and its first layer, and between its last and
/// its departure, no other thread has to wake.
final class StageHandler: SocketHandler {
    /// What the coordinator wants of the stage.
    enum Posted: Sendable {
        case load(Assignment, plan: StagePlan, successor: Endpoint)
        case measure(epoch: UInt64)
        /// The plan is over and there is none.
        case endPlan
    }

    /// Batches that may wait; the coordinator keeps fewer under way than there are stages.
    private static let queueLimit = 64

    private struct Waiting {
        let batch: Batch
        let activations: [UInt8]?
        /// Microseconds.
        let received: UInt64
    }

    private let sockets: Sockets
    private let state: StageState
    private let host: ComputeHost
    private let clock: MicrosecondClock
    private let report: @Sendable (StageEvent, _ epoch: UInt64) -> Void
    private let dataIn: SocketID
    private var plan: StagePlan?
    private var outbound: OutboundLink?
    private var received: UInt64 = 0
    private var waiting: Deque<Waiting> = []
    private var dropped: DroppedMessageLog

    /// Binds the data socket, and tells where it listens.
    /// - Throws: `TransportError`.
    init(
        sockets: Sockets, configuration: WorkerConfiguration, model: LocalModel, state: StageState,
        clock: MicrosecondClock, logger: Logger, report: @escaping @Sendable (StageEvent, _ epoch: UInt64) -> Void
    ) throws {
        self.sockets = sockets
        self.state = state
        self.clock = clock
        self.report = report
        host = ComputeHost(
            model: model, threads: configuration.threads, clock: clock, loading: configuration.loading,
            digesting: configuration.digesting)
        dropped = DroppedMessageLog(logger)
        let (dataIn, bound) = try sockets.bindPull(configuration.bind)
        self.dataIn = dataIn
        report(.listening(bound), 0)
    }

    func received(_ message: Message, on socket: SocketID) {
        let now = clock.now
        // A batch, or word that one is about to come: the threads wake while the message is read.
        if waiting.isEmpty && !host.isRunning { host.wake() }
        do throws(WireError) {
            receive(try WireMessage(frames: message.frames), message, now)
        } catch {
            drop("\(error)", message)
        }
    }

    func writable(_ socket: SocketID) {
        guard socket == outbound?.socket else { return }
        outbound?.retry(sockets)
    }

    func posted(_ event: Posted) {
        switch event {
        case .load(let assignment, let plan, let successor): load(assignment, plan, successor)
        case .measure(let epoch): if state.isCurrent(epoch), let event = host.measure() { report(event, epoch) }
        case .endPlan: endPlan()
        }
    }

    /// Runs the batch that has waited longest.
    func work() -> Bool {
        guard let plan, state.isCurrent(plan.epoch) else {
            waiting = []
            return false
        }
        guard let next = waiting.popFirst() else { return false }
        noteQueue(plan.epoch)
        run(next, plan)
        return !waiting.isEmpty
    }

    // MARK: - Plans

    private func load(_ assignment: Assignment, _ plan: StagePlan, _ successor: Endpoint) {
        guard state.isCurrent(plan.epoch) else { return }
        endPlan()
        self.plan = plan
        do throws(TransportError) {
            outbound = OutboundLink(
                socket: try sockets.connectPush(successor), incarnation: plan.incarnation, epoch: plan.epoch)
        } catch {
            return report(.failed("\(error)", fatal: false), plan.epoch)
        }
        let event = host.load(assignment)
        if case .loaded = event {
            let now = clock.now
            state.note(epoch: plan.epoch) { statistics, _ in statistics.loaded(now: now) }
        }
        report(event, plan.epoch)
    }

    private func endPlan() {
        if let outbound { sockets.close(outbound.socket) }
        outbound = nil
        plan = nil
        received = 0
        waiting = []
    }

    // MARK: - Batches

    private func receive(_ wire: WireMessage, _ message: Message, _ now: UInt64) {
        guard let plan, wire.incarnation == plan.incarnation, wire.epoch == plan.epoch, state.isCurrent(plan.epoch)
        else { return drop("a batch of another epoch", message) }
        if case .announcement = wire.body { return }
        guard case .batch(let batch) = wire.body else { return drop("not a batch", message) }
        guard let sequence = wire.linkSequence, sequence == received + 1 else {
            return report(.failed("the link to it lost a message", fatal: false), plan.epoch)
        }
        received = sequence
        guard waiting.count < Self.queueLimit else {
            return report(.failed("more than \(Self.queueLimit) batches wait", fatal: false), plan.epoch)
        }
        waiting.append(Waiting(batch: batch, activations: wire.tensors.first, received: now))
        let bytes = message.frames.reduce(0) { $0 + $1.count }
        state.note(epoch: plan.epoch) { statistics, link in
            statistics.received(bytes: bytes, now: now)
            link.received = sequence
        }
        noteQueue(plan.epoch)
    }

    private func run(_ next: Waiting, _ plan: StagePlan) {
        let isAbandoned = state.takeAbandoned(next.batch.batchID) || next.batch.abandoned
        let result = host.run(
            next.batch, next.activations, received: next.received, isAbandoned: isAbandoned,
            layerDone: takeWhatWaits, nearEnd: { self.outbound?.announce(next.batch.batchID, on: self.sockets) })
        switch result {
        case .failure(let failure): report(.failed("\(failure)", fatal: false), plan.epoch)
        case .success(let finished):
            guard state.isCurrent(plan.epoch) else { return }
            outbound?.send(finished.body, tensors: finished.tensors, on: sockets)
            let (sent, sentBytes) = (outbound?.sequence ?? 0, outbound?.byteCount ?? 0)
            state.note(epoch: plan.epoch) { statistics, link in
                statistics.finished(finished.timing)
                (link.sent, link.sentBytes) = (sent, sentBytes)
            }
        }
    }

    /// Between two layers, so that a batch's arrival is known to a layer's time.
    private func takeWhatWaits() {
        for _ in 0..<Self.queueLimit {
            guard let message = sockets.takeWaiting(on: dataIn) else { return }
            received(message, on: dataIn)
        }
    }

    private func noteQueue(_ epoch: UInt64) {
        let count = waiting.count
        state.note(epoch: epoch) { _, link in link.queued = count }
    }

    private func drop(_ reason: String, _ message: Message) {
        dropped.note(reason, link: "data", sender: message.senderAddress)
        state.note(dropped: dropped.count)
    }
}

/// A plan as a stage's links know it.
struct StagePlan: Sendable {
    let incarnation: UInt64
    let epoch: UInt64
}

/// What a stage reports to the thread that talks with the coordinator.
enum StageEvent: Sendable {
    /// Where it takes batches, before anything else.
    case listening(Endpoint)
    case loaded(Ready)
    case measured([Speed])
    /// `fatal`: the model cannot be loaded, now or later.
    case failed(String, fatal: Bool)
    /// Its loop has ended.
    case ended(any Error)
}
