import DequeModule
import Engine
import Logging
import Messages
import Transport
import Wire

/// The coordinator's protocol: the shell around ``Membership`` and ``RequestEngine``. It lives on the socket thread and
/// only moves messages between the two and the sockets.
public final class CoordinatorHandler: SocketHandler {
    /// A text that was run.
    public typealias Posted = TextResult

    private let sockets: any Sockets
    private let configuration: CoordinatorConfiguration
    private let logger: Logger
    /// Chosen at random when the coordinator starts; a message with another one is dropped.
    private let incarnation: UInt64
    private let links: CoordinatorSockets
    private let clock: any MonotonicClock
    private let runText: ((TextJob) -> Void)?

    private var membership: Membership
    private var engine: RequestEngine
    private var dropped: DroppedMessageLog
    private var firstStageLinks = FirstStageLinks()
    private var clocks = ClockOffsets()
    private var batchTrace = BatchTrace()
    private var presence: ClientPresence
    // Actions to perform, in order: performing one may ask for another, which must not overtake the rest.
    private var actions: Deque<CoordinatorAction> = []
    private var isPerforming = false
    // Called once, when the first plan is live.
    private var whenReady: (() -> Void)?

    /// Binds the three sockets.
    /// - Parameters:
    ///   - runText: runs a text elsewhere and posts what it gave; nil: texts are run at once, on this thread.
    ///   - listening: told where, before this returns.
    ///   - ready: told when the first plan is live.
    /// - Throws: `TransportError` where one cannot listen.
    public init(
        environment: HandlerEnvironment, configuration: CoordinatorConfiguration, model: ServedModel, logger: Logger,
        runText: ((TextJob) -> Void)? = nil, listening: (CoordinatorEndpoints) -> Void,
        ready: @escaping () -> Void = {}
    ) throws {
        var random = environment.random
        sockets = environment.sockets
        clock = environment.clock
        self.configuration = configuration
        self.logger = logger
        self.runText = runText
        incarnation = .random(in: 1 ... .max, using: &random)
        dropped = DroppedMessageLog(logger)
        presence = ClientPresence(patience: configuration.clientPatience)
        links = try CoordinatorSockets(sockets, configuration, incarnation: incarnation)
        membership = Membership(
            configuration: MembershipConfiguration(configuration, results: links.endpoints.results), model: model,
            sequences: configuration.sequences)
        engine = RequestEngine(
            model: model, limits: configuration.requests, schedulerLimits: configuration.scheduler,
            newSeed: { random.next() })
        whenReady = ready
        updateRefusal()
        listening(links.endpoints)
    }

    /// Milliseconds since the clock's start: the time of the state machines.
    private var now: UInt64 { UInt64(milliseconds) }

    private var milliseconds: Double { (clock.now - clock.start) / .milliseconds(1) }

    public func received(_ message: Message, on socket: SocketID) {
        let link = links.link(of: socket)
        do throws(WireError) {
            switch link {
            case .control: receiveControl(try WireMessage(frames: message.frames), message)
            case .client: receiveClient(try WireMessage(frames: message.frames), message)
            case .result: receiveResult(try WireMessage(frames: message.frames), message)
            }
        } catch {
            links.answer(unreadable: message, error, on: link)
            dropped.note("\(error)", link: link.rawValue, sender: message.senderAddress)
        }
        settle()
    }

    public func writable(_ socket: SocketID) {
        if firstStageLinks.writable(socket, on: sockets) { settle() }
    }

    public func posted(_ result: TextResult) {
        perform(engine.finished(result))
        settle()
    }

    public func tick(now _: ContinuousClock.Instant) {
        perform(membership.tick(now: now))
        clocks.keepOnly(membership.workers.lazy.map(\.id))
        for client in presence.takeSilent(now: now) { perform(engine.clientGone(client)) }
        dropped.note(refusedConnections: sockets.refusedConnections)
        settle()
    }

    public func stopping() {
        dropped.note(refusedConnections: sockets.refusedConnections)
        perform(engine.pipelinesLost("the coordinator is stopping"))
        for worker in membership.workers { links.send(.bye(reason: "the coordinator is stopping"), to: worker.id) }
    }

    // MARK: - Control link

    private func receiveControl(_ wire: WireMessage<ControlMessage>, _ message: Message) {
        guard let id = message.peer else { return }
        if case .hello(let hello) = wire.body {
            return perform(
                membership.hello(hello.printable, from: id, address: message.senderAddress, now: now))
        }
        guard wire.incarnation == incarnation, ProtocolVersion.supported.contains(wire.version),
            membership.heard(from: id, now: now)
        else {
            return dropped.note(
                "not from a worker of this coordinator's life", link: "control", sender: message.senderAddress)
        }
        switch wire.body {
        case .heartbeat(let heartbeat):
            clocks.note(heartbeat, from: id, received: clock.microseconds)
            if let latency = clocks.latency(of: id) { membership.linkMeasured(Double(latency) / 1_000, of: id) }
            membership.heartbeat(heartbeat.statistics, epoch: wire.epoch, from: id, now: now)
        default:
            guard let actions = membership.receive(wire.body, epoch: wire.epoch, from: id) else {
                return dropped.note("not a message for a coordinator", link: "control", sender: message.senderAddress)
            }
            perform(actions)
        }
    }

    private func perform(_ action: MembershipAction) {
        switch action {
        case .send(let body, let epoch, let id):
            if links.send(clocks.stamped(body, for: id, now: clock.microseconds), epoch: epoch, to: id) == .unreachable
            {
                perform(membership.unreachable(id))
            }
        case .pipelinesUp(let plan, let firstEndpoints):
            openPipelines(plan, firstEndpoints)
        case .pipelinesDown(let reason):
            firstStageLinks.close(sockets)
            batchTrace.planEnded()
            perform(engine.pipelinesLost(reason))
        case .log(let level, let line): logger.log(level: level, "\(line)")
        }
    }

    // MARK: - Client link

    private func receiveClient(_ wire: WireMessage<ClientRequest>, _ message: Message) {
        guard let client = message.peer else { return }
        guard ProtocolVersion.supported.contains(wire.version) else {
            links.refuse(wire, from: client)
            return dropped.note(
                "protocol version \(wire.version) is not spoken here", link: "client", sender: message.senderAddress)
        }
        switch wire.body {
        case .heartbeat: links.send(.heartbeat(Heartbeat()), to: client)
        case .statusRequest(let requestID): links.send(.status(statusReport.status(requestID)), to: client)
        case .traceRequest(let requestID, let cursor):
            let (stages, now) = (membership.traceStages, clock.microseconds)
            links.send(.trace(batchTrace.trace(requestID, after: cursor, stages: stages, now: now)), to: client)
        case .generate, .score, .cancel, .credit, .waiting, .tokenize, .detokenize:
            perform(engine.handle(wire.body, from: client, now: milliseconds))
        }
        presence.heard(client, hasRequests: engine.serves(client), now: now)
    }

    private func perform(_ action: RequestAction) {
        switch action {
        case .send(let body, let client):
            switch links.send(body, to: client) {
            case .sent: break
            case .full, .unreachable:
                // A client that is gone, or lets its queue run full in spite of its credit, is given up.
                presence.forget(client)
                // A Done after a piece that was not sent would look like the end of a whole answer.
                actions.removeAll { $0.isMessage(to: client) }
                perform(engine.clientGone(client))
            case .refused:
                logger.error("an answer to a client was too large to send")
            }
        case .run(let job):
            if let runText { runText(job) } else { perform(engine.runningTexts([action])) }
        case .cancelBatch(let batchID):
            guard let plan = membership.plan else { return }
            for id in plan.workers { links.send(.cancelBatches(batchIDs: [batchID]), epoch: plan.epoch, to: id) }
        }
    }

    // MARK: - Batches

    /// Dials the first stages of a plan that is live from now on.
    private func openPipelines(_ plan: Plan, _ firstEndpoints: [String]) {
        do throws(PipelineUnreachable) {
            try firstStageLinks.open(plan, firstEndpoints, incarnation: incarnation, on: sockets)
            engine.pipelinesReady(plan.pipelines.map(\.description))
            whenReady.take()?()
        } catch {
            logger.error("\(error.reason)")
            perform(membership.fault("\(error.reason)", fatal: false, epoch: plan.epoch, from: error.firstWorker))
        }
    }

    /// Sends what the scheduler wants sent, as far as the links take it.
    private func sendBatches() {
        var hasSent = true
        // A batch for one pipeline may place sequences in another. Bounded by what may be in flight.
        while hasSent {
            hasSent = false
            for pipeline in firstStageLinks.free {
                guard let batch = engine.nextBatch(pipeline: pipeline) else { continue }
                batchTrace.sent(
                    batch, decodeRows: engine.scheduler.batchInFlight(batch.batchID)?.decodeRows ?? 0,
                    epoch: membership.plan?.epoch ?? 0, pipeline: pipeline, now: clock.microseconds)
                let number = firstStageLinks.send(batch, pipeline: pipeline, on: sockets)
                membership.batchSent(number, pipeline: pipeline, now: now)
                hasSent = true
            }
        }
    }

    private func receiveResult(_ wire: WireMessage<DataMessage>, _ message: Message) {
        guard wire.incarnation == incarnation, membership.isLive, let plan = membership.plan, wire.epoch == plan.epoch
        else { return dropped.note("a result of another epoch", link: "result", sender: message.senderAddress) }
        if case .announcement(let batchID) = wire.body { return passOn(announcementOf: batchID) }
        guard case .batchResult(let result) = wire.body else {
            return dropped.note("not a batch result", link: "result", sender: message.senderAddress)
        }
        // One that answers no batch is of a pipeline nobody knows.
        let pipeline = engine.scheduler.batchInFlight(result.batchID)?.pipeline ?? 0
        let gap = membership.resultReceived(wire.linkSequence, pipeline: pipeline)
        guard gap.isEmpty else { return perform(gap) }
        let workers = plan.pipelines[pipeline].workers
        batchTrace.finished(result, now: clock.microseconds) { clocks.offset(of: workers, stage: $0) }
        guard let actions = engine.complete(result, now: milliseconds) else {
            return perform(membership.wrongResult(from: workers.last ?? [], epoch: wire.epoch))
        }
        // Workers wait for their next batch, and clients for a word: the batch goes first.
        sendBatches()
        perform(actions)
    }

    /// A result is about to come: where it is the only one awaited, stage 0 waits for the batch that follows it.
    private func passOn(announcementOf batchID: UInt64?) {
        guard let batchID, let pipeline = engine.scheduler.batchInFlight(batchID)?.pipeline,
            engine.scheduler.batchesInFlight(pipeline: pipeline).count == 1
        else { return }
        firstStageLinks.announce(pipeline: pipeline, on: sockets)
    }

    // MARK: - Actions

    private func perform(_ asked: [MembershipAction]) { perform(asked.map(CoordinatorAction.membership)) }

    private func perform(_ asked: [RequestAction]) { perform(asked.map(CoordinatorAction.request)) }

    private func perform(_ asked: [CoordinatorAction]) {
        actions.append(contentsOf: asked)
        guard !isPerforming else { return }
        isPerforming = true
        while let next = actions.popFirst() {
            switch next {
            case .membership(let action): perform(action)
            case .request(let action): perform(action)
            }
        }
        isPerforming = false
    }

    /// Brings everything forward that an event may have made possible.
    private func settle() {
        if engine.isIdle {
            if membership.isDraining { perform(membership.drained()) }
            if membership.hasNewcomers { membership.refine(by: engine.scheduler) }
            perform(membership.idle(now: now))
        }
        updateRefusal()
        sendBatches()
    }

    private var statusReport: StatusReport {
        StatusReport(
            membership: membership, engine: engine, clocks: clocks, configuration: configuration,
            droppedMessages: dropped.count + sockets.droppedMessages.all,
            refusedConnections: sockets.refusedConnections, milliseconds: milliseconds)
    }

    private func updateRefusal() {
        let canServe = membership.isLive && !membership.isDraining
        engine.refusal = canServe ? nil : "the cluster is not ready: \(membership.stateLine)"
    }
}
