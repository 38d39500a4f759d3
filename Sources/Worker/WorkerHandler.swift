import GPT2
import Logging
import Transport
import Wire

/// A worker's protocol, on its socket thread: dials the coordinator, takes an assignment, and moves batches between the
/// data links and the compute thread.
public final class WorkerHandler: SocketHandler {
    /// What other threads tell the handler.
    public enum Posted: Sendable {
        case computed(ComputeReport)
        /// The worker shall leave when its work is done.
        case drain
    }

    let sockets: Sockets
    let configuration: WorkerConfiguration
    let model: LocalModel
    let logger: Logger
    private let compute: ComputeThread
    private let dataIn: SocketID
    private let hello: Hello
    private let clock = ContinuousClock()
    private let microseconds = MicrosecondClock()
    private var heartbeatDelay = LeastDelay()
    private var session: CoordinatorSession
    private var outbound: OutboundLink?
    private var received: UInt64 = 0
    private var statistics = WorkerStatistics()
    private var dropped: DroppedMessageLog
    private var isDraining = false
    // The coordinator has let it go: no farewell is owed.
    private var isReleased = false

    /// Binds the data socket, starts the compute thread and dials.
    /// - Throws: `TransportError`, ``WorkerError``.
    public init(
        sockets: Sockets, configuration: WorkerConfiguration, model: LocalModel, logger: Logger,
        post: @escaping @Sendable (Posted) -> Void
    ) throws {
        self.sockets = sockets
        self.configuration = configuration
        self.model = model
        self.logger = logger
        dropped = DroppedMessageLog(logger)
        let layerCount = model.configuration.layerCount
        if let pin = configuration.pinnedLayers, pin.upperBound >= layerCount {
            throw WorkerError.unknownLayers(pin, layerCount: layerCount)
        }
        let (dataIn, bound) = try sockets.bindPull(configuration.bind)
        self.dataIn = dataIn
        hello = try Hello(configuration, model: model, bound: bound)
        session = CoordinatorSession(socket: try sockets.connectDealer(configuration.coordinator))
        compute = ComputeThread(name: "compute") { [microseconds] in
            ComputeHost(
                model: model, threads: configuration.threads, clock: microseconds, loading: configuration.loading,
                digesting: configuration.digesting
            ) { post(.computed(ComputeReport(event: $0))) }
        }
        logger.info("dialling the coordinator at \(configuration.coordinator)")
    }

    public func started() { sendHello() }

    public func received(_ message: Message, on socket: SocketID) {
        let received = microseconds.now
        do throws(WireError) {
            let wire = try WireMessage(frames: message.frames)
            if socket == dataIn { receiveBatch(wire, message, received) } else { receiveControl(wire, received) }
        } catch {
            dropped.note(
                "\(error)", link: socket == dataIn ? "data" : "control", sender: message.senderAddress)
        }
    }

    public func writable(_ socket: SocketID) {
        guard socket == outbound?.socket else { return }
        outbound?.retry(sockets)
    }

    public func posted(_ event: Posted) {
        switch event {
        case .drain: drain()
        case .computed(let report): computed(report.event)
        }
    }

    public func tick(now: ContinuousClock.Instant) {
        switch session.tick(now: now) {
        case .none: break
        case .sendHello: sendHello()
        case .sendHeartbeat:
            sendHeartbeat()
        case .lost:
            logger.warning("lost the coordinator at \(configuration.coordinator); dialling again")
            redial()
        }
    }

    public func stopping() {
        if session.isWelcome && !isReleased { send(.bye(reason: nil)) }
        compute.stop()
    }

    // MARK: - Control link

    private func receiveControl(_ wire: WireMessage, _ received: UInt64) {
        if case .refused(let reason) = wire.body {
            return sockets.stop(WorkerError.refused(coordinator: configuration.coordinator, reason: reason.printable))
        }
        guard ProtocolVersion.supported.contains(wire.version) else {
            return dropped.note("protocol version \(wire.version) is not spoken here", link: "control", sender: nil)
        }
        if case .welcome(let welcome) = wire.body {
            if session.welcomed(welcome, incarnation: wire.incarnation, now: clock.now) {
                logger.info("joined the coordinator at \(configuration.coordinator)")
                if isDraining { send(.drain) }
            }
            return
        }
        guard session.isWelcome, wire.incarnation == session.incarnation else {
            return dropped.note("a message from another life of the coordinator", link: "control", sender: nil)
        }
        session.heard(now: clock.now)
        switch wire.body {
        case .assignment(let assignment):
            // Plans only grow: what comes late must not undo what came after it.
            if wire.epoch > session.epoch { take(assignment, epoch: wire.epoch) }
        case .heartbeat(let heartbeat):
            if let sent = heartbeat.clockMicroseconds { heartbeatDelay.note(sent: sent, received: received) }
        case .measure: _ = compute.submit(.measure(epoch: wire.epoch))
        case .abandon(let batchIDs): if wire.epoch == session.epoch { compute.abandon(batchIDs) }
        case .bye(let reason):
            if isDraining {
                isReleased = true
                return sockets.stop()
            }
            logger.warning("the coordinator said goodbye\(reason.map { ": \($0.printable)" } ?? ""); dialling again")
            redial()
        default: dropped.note("not a message for a worker", link: "control", sender: nil)
        }
    }

    private func take(_ assignment: Assignment, epoch: UInt64) {
        guard epoch > session.epoch else {
            return dropped.note("an assignment of an epoch that is over", link: "control", sender: nil)
        }
        endLinks()
        session.epoch = epoch
        compute.keepOnly(epoch: epoch)
        let last = assignment.firstLayer.addingReportingOverflow(assignment.layerCount).partialValue &- 1
        let layers = "layers \(assignment.firstLayer)-\(last)"
        let types = "weights in \(assignment.weightType), keys and values in \(assignment.cacheType)"
        logger.info("plan \(epoch): stage \(assignment.stage) of \(assignment.stageCount), \(layers), \(types)")
        do throws(TransportError) {
            var successor = try Endpoint(assignment.successor)
            if successor.host == "*" {
                successor = try Endpoint(host: configuration.coordinator.host, port: successor.port)
            }
            outbound = OutboundLink(
                socket: try sockets.connectPush(successor), incarnation: session.incarnation, epoch: epoch)
            _ = compute.submit(.load(assignment, epoch: epoch))
        } catch {
            send(.fault(reason: "\(error)", fatal: false))
        }
    }

    private func drain() {
        isDraining = true
        guard session.isWelcome else { return sockets.stop() }
        logger.info("leaving when running requests have ended; ^C again leaves at once")
        send(.drain)
    }

    /// A new connection, and nothing of the old one: the coordinator knows the worker by its connection.
    private func redial() {
        if isDraining { return sockets.stop() }
        endLinks()
        compute.keepOnly(epoch: 0)
        sockets.close(session.socket)
        do throws(TransportError) {
            session = CoordinatorSession(socket: try sockets.connectDealer(configuration.coordinator))
            heartbeatDelay = LeastDelay()
            sendHello()
        } catch {
            sockets.stop(error)
        }
    }

    private func endLinks() {
        if let outbound { sockets.close(outbound.socket) }
        outbound = nil
        received = 0
        statistics = WorkerStatistics()
    }

    private func sendHello() {
        session.helloSent(now: clock.now)
        send(.hello(hello))
    }

    private func sendHeartbeat() {
        let report = statistics.report(
            received: received, sent: outbound?.sequence ?? 0, sentBytes: outbound?.byteCount ?? 0,
            dropped: dropped.count, queued: compute.queuedCount, now: microseconds.now)
        send(
            .heartbeat(
                Heartbeat(
                    statistics: report, clockMicroseconds: microseconds.now,
                    leastDelayMicroseconds: heartbeatDelay.microseconds)))
    }

    private func send(_ body: WireMessage.Body) {
        let message = WireMessage(body, incarnation: session.incarnation, epoch: session.epoch)
        _ = sockets.send(message.frames(), on: session.socket)
    }

    // MARK: - Data links

    private func receiveBatch(_ wire: WireMessage, _ message: Message, _ now: UInt64) {
        guard session.isWelcome, wire.incarnation == session.incarnation, wire.epoch == session.epoch else {
            return dropped.note("a batch of another epoch", link: "data", sender: message.senderAddress)
        }
        if case .announcement = wire.body { return compute.wake(epoch: wire.epoch) }
        guard case .batch(let batch) = wire.body else {
            return dropped.note("not a batch", link: "data", sender: message.senderAddress)
        }
        guard let sequence = wire.linkSequence, sequence == received + 1 else {
            return send(.fault(reason: "the link to it lost a message", fatal: false))
        }
        received = sequence
        statistics.received(bytes: message.frames.reduce(0) { $0 + $1.count }, now: now)
        if !compute.submit(.run(batch, activations: wire.tensors.first, received: now, epoch: wire.epoch)) {
            send(.fault(reason: "more than \(ComputeThread.queueLimit) batches wait", fatal: false))
        }
    }

    private func computed(_ event: ComputeEvent) {
        switch event {
        case .loaded(let ready, let epoch):
            guard epoch == session.epoch else { return }
            statistics.loaded(now: microseconds.now)
            send(.ready(ready))
        case .measured(let speeds, let epoch):
            if epoch == session.epoch { send(.measured(speeds)) }
        case .nearEnd(let batchID, let epoch):
            if epoch == session.epoch { outbound?.announce(batchID, on: sockets) }
        case .finished(let body, let tensors, let timing, let epoch):
            guard epoch == session.epoch else { return }
            statistics.finished(timing)
            outbound?.send(body, tensors: tensors, on: sockets)
        case .failed(let reason, let fatal, let epoch):
            guard epoch == session.epoch else { return }
            send(.fault(reason: reason, fatal: fatal))
            if fatal { sockets.stop(WorkerError.cannotLoad(reason)) }
        }
    }
}

/// What the compute thread reports, as the handler is handed it.
public struct ComputeReport: Sendable {
    let event: ComputeEvent
}
