import DequeModule
import GPT2
import Logging
import Messages
import ModelFiles
import Transport
import Wire

/// A stage's protocol, on the thread that computes: takes batches from the data link, runs them one after another, and
/// sends what comes of each to the next stage. So between a batch's arrival and its first layer, and between its last and
/// its departure, no other thread has to wake.
final class StageHandler: SocketHandler {
    typealias Posted = StageOrder

    /// Batches that may wait; the coordinator keeps fewer under way than there are stages.
    private static let queueLimit = 64
    /// Messages that are taken between two layers.
    private static let messagesAtATime = 64

    private struct Waiting {
        let batch: Batch
        let activations: [UInt8]?
        /// Microseconds.
        let arrived: UInt64
    }

    private let sockets: any Sockets
    private let state: StageState
    private let host: ComputeHost
    private let clock: any MonotonicClock
    private let report: @Sendable (StageEvent, PlanID?) -> Void
    private let dataIn: SocketID
    // Bounded by the loop's inbox.
    private var orders: Deque<Posted> = []
    private var plan: PlanID?
    private var outbound: OutboundLink?
    private var lastSequence: UInt64 = 0
    private var waiting: Deque<Waiting> = []
    private var dropped: DroppedMessageLog

    /// Binds the data socket, and tells where it listens.
    /// - Throws: `TransportError`.
    init(
        environment: HandlerEnvironment, configuration: WorkerConfiguration, model: LocalModel, state: StageState,
        logger: Logger, report: @escaping @Sendable (StageEvent, PlanID?) -> Void
    ) throws {
        sockets = environment.sockets
        clock = environment.clock
        self.state = state
        self.report = report
        host = ComputeHost(
            model: model, threads: configuration.threads, clock: clock, loading: configuration.loading,
            digesting: configuration.digesting)
        dropped = DroppedMessageLog(logger)
        let (dataIn, bound) = try sockets.bindPull(configuration.bind)
        self.dataIn = dataIn
        report(.listening(bound), nil)
    }

    func received(_ message: Message, on socket: SocketID) {
        let now = clock.microseconds
        // A batch, or word that one is about to come: the threads wake while the message is read.
        if waiting.isEmpty, !host.isRunning, let plan, state.isCurrent(plan) { host.wake() }
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

    func posted(_ event: Posted) { orders.append(event) }

    /// Does what the coordinator wants, or runs the batch that has waited longest.
    func work() -> Bool {
        if let order = orders.popFirst() {
            perform(order)
            return true
        }
        guard let plan, state.isCurrent(plan), let next = waiting.popFirst() else {
            waiting = []
            return false
        }
        run(next, plan)
        return !waiting.isEmpty
    }

    // MARK: - Plans

    private func perform(_ order: Posted) {
        switch order {
        case .load(let assignment, let plan, let successor):
            if state.isCurrent(plan) { load(assignment, plan, successor) }
        case .measure(let plan):
            if state.isCurrent(plan), let event = host.measure() { report(event, plan) }
        case .endPlan: endPlan()
        }
    }

    private func load(_ assignment: Assignment, _ plan: PlanID, _ successor: Endpoint) {
        endPlan()
        self.plan = plan
        do throws(TransportError) {
            outbound = OutboundLink(
                socket: try sockets.connectPush(successor), incarnation: plan.incarnation, epoch: plan.epoch)
        } catch {
            return report(.failed("\(error)", fatal: false), plan)
        }
        let event = host.load(assignment)
        if case .loaded = event {
            let now = clock.microseconds
            state.note(plan) { $0.statistics.loaded(now: now) }
        }
        report(event, plan)
    }

    private func endPlan() {
        if let outbound { sockets.close(outbound.socket) }
        outbound = nil
        plan = nil
        lastSequence = 0
        waiting = []
    }

    // MARK: - Batches

    private func receive(_ wire: WireMessage<DataMessage>, _ message: Message, _ now: UInt64) {
        guard let plan, wire.incarnation == plan.incarnation, wire.epoch == plan.epoch, state.isCurrent(plan)
        else { return drop("a batch of another epoch", message) }
        if case .announcement = wire.body { return }
        guard case .batch(let batch) = wire.body else { return drop("not a batch", message) }
        guard let sequence = wire.linkSequence, sequence == lastSequence + 1 else {
            return report(.failed("the link to it lost a message", fatal: false), plan)
        }
        lastSequence = sequence
        guard waiting.count < Self.queueLimit else {
            return report(.failed("more than \(Self.queueLimit) batches wait", fatal: false), plan)
        }
        waiting.append(Waiting(batch: batch, activations: wire.tensors.first, arrived: now))
        let bytes = message.frames.reduce(0) { $0 + $1.count }
        state.note(plan) { [count = waiting.count] traffic in
            traffic.statistics.received(bytes: bytes, now: now)
            traffic.received = sequence
            traffic.queued = count
        }
    }

    private func run(_ next: Waiting, _ plan: PlanID) {
        state.note(look: clock.microseconds)
        defer { state.note(look: nil) }
        let id = next.batch.batchID
        let isCancelled = state.takeCancelled(id, of: plan) || next.batch.cancelled
        let finished = host.run(
            next.batch, next.activations, received: next.arrived, isCancelled: isCancelled, meanwhile: takeWhatWaits,
            nearEnd: { [self] in if state.isCurrent(plan) { outbound?.announce(id, on: sockets) } })
        guard let finished else {
            return report(.failed("a batch came before its layers were loaded", fatal: false), plan)
        }
        guard state.isCurrent(plan) else { return }
        outbound?.send(finished.body, tensors: finished.tensors, on: sockets)
        let (sent, sentBytes) = (outbound?.sequence ?? 0, outbound?.byteCount ?? 0)
        state.note(plan) { [count = waiting.count] traffic in
            traffic.statistics.finished(finished.timing)
            (traffic.sent, traffic.sentBytes, traffic.queued) = (sent, sentBytes, count)
        }
    }

    /// Between two layers: when a batch came is known to a layer's time, and what could not leave yet leaves.
    private func takeWhatWaits() {
        outbound?.retry(sockets)
        for _ in 0..<Self.messagesAtATime {
            guard let message = sockets.takeWaiting(on: dataIn) else { break }
            received(message, on: dataIn)
        }
        state.note(look: clock.microseconds)
    }

    private func drop(_ reason: String, _ message: Message) {
        dropped.note(reason, link: "data", sender: message.senderAddress)
        state.note(dropped: dropped.count)
    }
}
