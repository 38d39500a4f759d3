import GPT2
import Logging
import Messages
import ModelFiles
import Transport
import Wire

/// A worker's side of the control link: dials the coordinator, passes its orders to the stage, and reports the stage's
/// events to it.
package final class WorkerHandler: SocketHandler {
    /// Events from other threads.
    package enum Posted: Sendable {
        case stage(StageEvent, PlanID?)
        /// The worker is to leave once its work is done.
        case drain
    }

    private let sockets: any Sockets
    private let configuration: WorkerConfiguration
    private let model: LocalModel
    private let logger: Logger
    private let state: StageState
    private let toStage: @Sendable (StageOrder) -> Void
    private let clock: any MonotonicClock
    // Nil until the stage listens.
    private var hello: Hello?
    private var heartbeatDelay = LeastDelay()
    private var session: CoordinatorSession
    private var silence = SilenceNotice()
    private var dropped: DroppedMessageLog
    private var isDraining = false
    // The coordinator has released the worker, which then sends no goodbye.
    private var isReleased = false

    /// Dials the coordinator.
    /// - Throws: `TransportError`, ``WorkerError``.
    package init(
        environment: HandlerEnvironment, configuration: WorkerConfiguration, model: LocalModel, state: StageState,
        logger: Logger, toStage: @escaping @Sendable (StageOrder) -> Void
    ) throws {
        sockets = environment.sockets
        clock = environment.clock
        self.configuration = configuration
        self.model = model
        self.state = state
        self.logger = logger
        self.toStage = toStage
        dropped = DroppedMessageLog(logger)
        let layerCount = model.configuration.layerCount
        if let pin = configuration.pinnedLayers, pin.upperBound >= layerCount {
            throw WorkerError.unknownLayers(pin, layerCount: layerCount)
        }
        session = CoordinatorSession(socket: try sockets.connectDealer(configuration.coordinator))
        logger.info("dialling the coordinator at \(configuration.coordinator)")
    }

    package func received(_ message: Message, on socket: SocketID) {
        let received = clock.microseconds
        do throws(WireError) {
            receiveControl(try WireMessage(frames: message.frames), received)
        } catch {
            dropped.note("\(error)", link: "control", sender: message.senderAddress)
        }
    }

    package func posted(_ event: Posted) {
        switch event {
        case .drain: drain()
        case .stage(let event, let plan): reported(event, plan)
        }
    }

    package func tick(now: ContinuousClock.Instant) {
        if !session.isWelcome, hello != nil, let silent = silence.due(now: now) {
            logger.warning(
                """
                no answer from \(configuration.coordinator) for \(silent.components.seconds) s: is `paceline coordinator` \
                running there, and is the port open?
                """)
        }
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

    package func stopping() {
        if session.isWelcome && !isReleased { send(.bye(reason: nil)) }
    }

    // MARK: - Control link

    private func receiveControl(_ wire: WireMessage<ControlMessage>, _ received: UInt64) {
        if case .refused(let reason) = wire.body {
            return sockets.stop(WorkerError.refused(coordinator: configuration.coordinator, reason: reason.printable))
        }
        guard ProtocolVersion.supported.contains(wire.version) else {
            return dropped.note("protocol version \(wire.version) is not spoken here", link: "control", sender: nil)
        }
        if case .welcome(let welcome) = wire.body {
            if session.welcomed(welcome, incarnation: wire.incarnation, now: clock.now) {
                silence.end()
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
            // Epochs only grow: an assignment that arrives late must not replace a newer one.
            if wire.epoch > session.epoch { take(assignment, epoch: wire.epoch) }
        case .heartbeat(let heartbeat):
            if let sent = heartbeat.clockMicroseconds { heartbeatDelay.note(sent: sent, received: received) }
        case .measure: if wire.epoch == session.epoch { toStage(.measure(plan)) }
        case .cancelBatches(let batchIDs): if wire.epoch == session.epoch { state.cancelBatches(batchIDs) }
        case .bye(let reason):
            if isDraining || configuration.endsAtGoodbye {
                isReleased = true
                return sockets.stop()
            }
            logger.warning("the coordinator said goodbye\(reason.map { ": \($0.printable)" } ?? ""); dialling again")
            redial()
        default: dropped.note("not a message for a worker", link: "control", sender: nil)
        }
    }

    /// The plan of the newest assignment.
    private var plan: PlanID { PlanID(incarnation: session.incarnation, epoch: session.epoch) }

    private func take(_ assignment: Assignment, epoch: UInt64) {
        session.epoch = epoch
        state.begin(plan)
        let last = assignment.firstLayer.addingReportingOverflow(assignment.layerCount).partialValue &- 1
        let layers = "layers \(assignment.firstLayer)-\(last)"
        let types = "weights in \(assignment.weightType), keys and values in \(assignment.cacheType)"
        logger.info("plan \(epoch): stage \(assignment.stage) of \(assignment.stageCount), \(layers), \(types)")
        do throws(TransportError) {
            var successor = try Endpoint(assignment.successor)
            if successor.host == "*" {
                successor = try Endpoint(host: configuration.coordinator.host, port: successor.port)
            }
            toStage(.load(assignment, plan: plan, successor: successor))
        } catch {
            toStage(.endPlan)
            send(.fault(reason: "\(error)", fatal: false))
        }
    }

    private func drain() {
        isDraining = true
        guard session.isWelcome else { return sockets.stop() }
        logger.info("leaving when running requests have ended; ^C again leaves at once")
        send(.drain)
    }

    /// Starts over on a new connection, since the coordinator identifies a worker by its connection.
    private func redial() {
        if isDraining { return sockets.stop() }
        state.begin(nil)
        toStage(.endPlan)
        sockets.close(session.socket)
        do throws(TransportError) {
            session = CoordinatorSession(socket: try sockets.connectDealer(configuration.coordinator))
            heartbeatDelay = LeastDelay()
            sendHello()
        } catch {
            sockets.stop(error)
        }
    }

    private func sendHello() {
        guard let hello else { return }
        session.helloSent(now: clock.now)
        send(.hello(hello))
    }

    private func sendHeartbeat() {
        let now = clock.microseconds
        send(
            .heartbeat(
                Heartbeat(
                    statistics: state.report(dropped: dropped.count, now: now), clockMicroseconds: now,
                    leastDelayMicroseconds: heartbeatDelay.microseconds)))
    }

    private func send(_ body: ControlMessage) {
        let message = WireMessage(body, incarnation: session.incarnation, epoch: session.epoch)
        _ = sockets.send(message.frames(), on: session.socket)
    }

    // MARK: - The stage

    private func reported(_ event: StageEvent, _ plan: PlanID?) {
        switch event {
        case .listening(let bound):
            do throws(TransportError) {
                hello = try Hello(configuration, model: model, bound: bound)
                sendHello()
            } catch {
                sockets.stop(error)
            }
        case .ended(let error): sockets.stop(error)
        case .loaded(let ready): if plan == self.plan { send(.ready(ready)) }
        case .measured(let speeds): if plan == self.plan { send(.measured(speeds)) }
        case .failed(let reason, let fatal):
            guard plan == self.plan else { return }
            send(.fault(reason: reason, fatal: fatal))
            if fatal { sockets.stop(WorkerError.cannotLoad(reason)) }
        }
    }
}
