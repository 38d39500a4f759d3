import Logging
import Messages
import Transport
import Wire

/// A stage's links to the stages before and after it, for the plan that it has.
final class StageLinks {
    /// Messages that are read between two layers.
    private static let messagesAtATime = 64

    /// Where batches come in.
    let endpoint: Endpoint
    private let sockets: any Sockets
    private let clock: any MonotonicClock
    private let state: StageState
    private let report: (StageEvent, PlanID?) -> Void
    private let dataIn: SocketID
    private var inbound: InboundLink?
    private var outbound: OutboundLink?
    private var dropped: DroppedMessageLog

    /// Binds the data socket.
    /// - Throws: `TransportError` where it cannot listen.
    init(
        environment: HandlerEnvironment, bind: Endpoint, state: StageState, logger: Logger,
        report: @escaping (StageEvent, PlanID?) -> Void
    ) throws(TransportError) {
        sockets = environment.sockets
        clock = environment.clock
        self.state = state
        self.report = report
        dropped = DroppedMessageLog(logger)
        (dataIn, endpoint) = try sockets.bindPull(bind)
    }

    /// Begins a plan, in place of the one before.
    /// - Throws: `TransportError` where the next stage cannot be dialled.
    func open(_ plan: PlanID, successor: Endpoint) throws(TransportError) {
        close()
        inbound = InboundLink(plan: plan)
        outbound = OutboundLink(socket: try sockets.connectPush(successor), plan: plan)
    }

    func noteRefusedConnections() { dropped.note(refusedConnections: sockets.refusedConnections) }

    /// Ends the plan; its batches are dropped.
    func close() {
        if let outbound { sockets.close(outbound.socket) }
        outbound = nil
        inbound = nil
    }

    /// The plan, if the coordinator still wants it.
    var currentPlan: PlanID? {
        guard let plan = inbound?.plan, state.isCurrent(plan) else { return nil }
        return plan
    }

    /// Batches that wait.
    var waitingCount: Int { inbound?.count ?? 0 }

    // MARK: - In

    /// Takes a message that came at `now`, in microseconds.
    func received(_ message: Message, now: UInt64) {
        do throws(WireError) {
            let wire = try WireMessage<DataMessage>(frames: message.frames)
            do throws(InboundError) {
                try take(wire, message, now)
            } catch {
                switch error {
                case .foreign(let reason): drop(reason, message)
                case .failed(let reason): report(.failed(reason, fatal: false), currentPlan)
                }
            }
        } catch {
            drop("\(error)", message)
        }
    }

    private func take(
        _ wire: WireMessage<DataMessage>, _ message: Message, _ now: UInt64
    ) throws(InboundError) {
        guard let plan = currentPlan else { throw .foreign(InboundLink.otherEpoch) }
        guard try inbound?.take(wire, arrived: now) == true else { return }
        let bytes = message.frames.reduce(0) { $0 + $1.count }
        state.note(plan) { [sequence = inbound?.sequence ?? 0, count = waitingCount] traffic in
            traffic.statistics.received(bytes: bytes, now: now)
            traffic.received = sequence
            traffic.queued = count
        }
    }

    /// The batch that has waited longest; nil where none does, or the plan is over.
    func nextBatch() -> WaitingBatch? {
        guard currentPlan != nil else {
            inbound?.removeAll()
            return nil
        }
        return inbound?.next()
    }

    /// Between two layers: what could not leave yet leaves, and when a batch came is known to a layer's time.
    func serve() {
        outbound?.retry(sockets)
        for _ in 0..<Self.messagesAtATime {
            guard let message = sockets.takeWaiting(on: dataIn) else { break }
            received(message, now: clock.microseconds)
        }
    }

    private func drop(_ reason: String, _ message: Message) {
        dropped.note(reason, link: "data", sender: message.senderAddress)
        state.note(dropped: dropped.count)
    }

    // MARK: - Out

    /// Sends what came of a batch of the plan to the next stage.
    func send(_ finished: FinishedBatch, of plan: PlanID) {
        outbound?.send(finished.body, tensors: finished.tensors, on: sockets)
        let (sent, sentBytes) = (outbound?.sequence ?? 0, outbound?.byteCount ?? 0)
        state.note(plan) { [count = waitingCount] traffic in
            traffic.statistics.finished(finished.timing)
            (traffic.sent, traffic.sentBytes, traffic.queued) = (sent, sentBytes, count)
        }
    }

    /// Tells the next stage that a batch is about to come.
    func announce(_ batchID: UInt64) {
        if currentPlan != nil { outbound?.announce(batchID, on: sockets) }
    }

    /// The socket takes messages again.
    func writable(_ socket: SocketID) {
        if socket == outbound?.socket { outbound?.retry(sockets) }
    }
}
