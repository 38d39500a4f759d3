import DequeModule
import Engine
import Logging
import Messages
import Transport
import Wire

/// The coordinator's protocol: the shell around ``Membership`` and ``RequestEngine``. It lives on the socket thread and
/// only moves messages between the two and the sockets.
public final class CoordinatorHandler: SocketHandler {
    public typealias Posted = Never

    /// A Hello with the digests of some thousand layers.
    private static let controlFrameBytes = 1 << 20

    let sockets: Sockets
    let configuration: CoordinatorConfiguration
    let logger: Logger
    /// Drawn when the coordinator starts; data of another life is dropped.
    let incarnation: UInt64
    let control: SocketID
    let clientLink: SocketID
    let results: SocketID
    public let endpoints: CoordinatorEndpoints
    let started: ContinuousClock.Instant
    let clock = ContinuousClock()
    let microseconds = MicrosecondClock()

    var membership: Membership
    var engine: RequestEngine
    var dropped: DroppedMessageLog
    // One for each pipeline of the live plan.
    var links: [PipelineLink] = []
    var clocks = ClockOffsets()
    var batchTrace = BatchTrace()
    // What is to be done, in order: doing one thing may ask for another, which must not overtake the rest.
    private var directives: Deque<Directive> = []
    private var isCarryingOut = false
    private var clientsHeard: [ClientID: UInt64] = [:]

    /// Binds the three sockets.
    /// - Throws: `TransportError` where one cannot listen.
    public init(
        sockets: Sockets, configuration: CoordinatorConfiguration, model: ServedModel, logger: Logger,
        listening: (CoordinatorEndpoints) -> Void
    ) throws {
        self.sockets = sockets
        self.configuration = configuration
        self.logger = logger
        incarnation = .random(in: 1 ... .max)
        started = clock.now
        dropped = DroppedMessageLog(logger)
        let (control, controlEndpoint) = try sockets.bindRouter(
            configuration.control, maximumFrameBytes: Self.controlFrameBytes)
        let (clientLink, clientEndpoint) = try sockets.bindRouter(
            configuration.clients, maximumFrameBytes: WireLimits.headerBytes)
        let (results, resultEndpoint) = try sockets.bindPull(
            Endpoint(host: controlEndpoint.host, port: 0), maximumFrameBytes: WireLimits.headerBytes)
        self.control = control
        self.clientLink = clientLink
        self.results = results
        endpoints = CoordinatorEndpoints(control: controlEndpoint, clients: clientEndpoint, results: resultEndpoint)
        var membershipConfiguration = MembershipConfiguration(
            workersWanted: configuration.workersWanted, resultEndpoint: "tcp://*:\(resultEndpoint.port)")
        membershipConfiguration.objective = configuration.objective
        membershipConfiguration.streams = configuration.streams
        membership = Membership(
            configuration: membershipConfiguration, model: model, sequences: configuration.sequences)
        engine = RequestEngine(
            model: model, limits: configuration.requests, schedulerLimits: configuration.scheduler,
            newSeed: { .random(in: 0 ... .max) })
        updateRefusal()
        listening(endpoints)
    }

    /// Milliseconds since the start: the clock of the state machines.
    var now: UInt64 { UInt64(milliseconds) }

    var milliseconds: Double { (clock.now - started) / .milliseconds(1) }

    public func received(_ message: Message, on socket: SocketID) {
        let link = socket == control ? "control" : socket == clientLink ? "client" : "result"
        do throws(WireError) {
            switch socket {
            case control: receiveControl(try WireMessage(frames: message.frames), message)
            case clientLink: receiveClient(try WireMessage(frames: message.frames), message)
            default: receiveResult(try WireMessage(frames: message.frames), message)
            }
        } catch {
            dropped.note("\(error)", link: link, sender: message.senderAddress)
        }
        settle()
    }

    public func writable(_ socket: SocketID) {
        guard let index = links.firstIndex(where: { $0.socket == socket }) else { return }
        links[index].retry(sockets)
        settle()
    }

    public func posted(_ event: Never) {}

    public func tick(now _: ContinuousClock.Instant) {
        carryOut(membership.tick(now: now))
        clocks.keepOnly(membership.workers.lazy.map(\.id))
        let patience = UInt64(configuration.clientPatience.components.seconds) * 1_000
        for (client, heard) in clientsHeard where now - min(now, heard) > patience {
            clientsHeard[client] = nil
            carryOut(engine.clientGone(client))
        }
        settle()
    }

    public func stopping() {
        carryOut(engine.pipelinesLost("the coordinator is stopping"))
        for worker in membership.workers {
            send(.bye(reason: "the coordinator is stopping"), epoch: 0, to: worker.id)
        }
    }

    // MARK: - Control link

    private func receiveControl(_ wire: WireMessage<ControlMessage>, _ message: Message) {
        guard let id = message.peer else { return }
        if case .hello(let hello) = wire.body {
            return carryOut(
                membership.hello(hello.printable, from: id, address: message.senderAddress, now: now))
        }
        guard wire.incarnation == incarnation, ProtocolVersion.supported.contains(wire.version),
            membership.heard(from: id, now: now)
        else {
            return dropped.note(
                "not from a worker of this coordinator's life", link: "control", sender: message.senderAddress)
        }
        switch wire.body {
        case .ready(let ready): carryOut(membership.ready(ready, epoch: wire.epoch, from: id))
        case .heartbeat(let heartbeat):
            clocks.note(heartbeat, from: id, received: microseconds.now)
            if let latency = clocks.latency(of: id) { membership.linkMeasured(Double(latency) / 1_000, of: id) }
            membership.heartbeat(heartbeat.statistics, epoch: wire.epoch, from: id, now: now)
        case .measured(let speeds): carryOut(membership.measured(speeds, epoch: wire.epoch, from: id))
        case .drain: carryOut(membership.drain(id))
        case .bye(let reason): carryOut(membership.bye(id, reason: reason?.printable))
        case .fault(let reason, let fatal):
            carryOut(membership.fault(reason.printable, fatal: fatal, epoch: wire.epoch, from: id))
        default:
            dropped.note("not a message for a coordinator", link: "control", sender: message.senderAddress)
        }
    }

    private func carryOut(_ directive: MembershipAction) {
        switch directive {
        case .send(let body, let epoch, let id):
            if send(withClock(body, for: id), epoch: epoch, to: id) == .unreachable {
                carryOut(membership.unreachable(id))
            }
        case .pipelinesUp(let plan, let firstEndpoints):
            openPipelines(plan, firstEndpoints)
        case .pipelinesDown(let reason):
            for link in links { sockets.close(link.socket) }
            links = []
            batchTrace.planEnded()
            carryOut(engine.pipelinesLost(reason))
        case .log(let level, let line):
            logger.log(level: level, "\(line)")
        }
    }

    // MARK: - Client link

    private func receiveClient(_ wire: WireMessage<ClientRequest>, _ message: Message) {
        guard let client = message.peer else { return }
        guard ProtocolVersion.supported.contains(wire.version) else {
            if let requestID = wire.body.requestID {
                let refusal = Refusal.badRequest(
                    "protocol version \(wire.version) is not spoken here: use \(ProtocolVersion.current)")
                carryOut([.send(refusal.failure(requestID), to: client)])
            }
            return dropped.note(
                "protocol version \(wire.version) is not spoken here", link: "client", sender: message.senderAddress)
        }
        switch wire.body {
        case .heartbeat:
            send(ClientReply.heartbeat(Heartbeat()), to: client)
        case .statusRequest(let requestID):
            send(ClientReply.status(status(requestID)), to: client)
        case .traceRequest(let requestID, let cursor):
            send(ClientReply.trace(trace(requestID, after: cursor)), to: client)
        case .generate, .score, .cancel, .credit, .waiting, .tokenize, .detokenize:
            carryOut(engine.handle(wire.body, from: client, now: milliseconds))
        }
        clientsHeard[client] = engine.serves(client) ? now : nil
    }

    private func carryOut(_ directive: RequestAction) {
        switch directive {
        case .send(let body, let client):
            switch send(body, to: client) {
            case .sent: break
            case .full, .unreachable:
                // A client that is gone, or lets its queue run full in spite of its credit, is given up.
                clientsHeard[client] = nil
                // A Done after a piece that was not sent would look like the end of a whole answer.
                directives.removeAll { $0.isMessage(to: client) }
                carryOut(engine.clientGone(client))
            case .refused:
                logger.error("an answer to a client was too large to send")
            }
        case .cancelBatch(let batchID):
            guard let plan = membership.plan else { return }
            for id in plan.workers {
                send(.cancelBatches(batchIDs: [batchID]), epoch: plan.epoch, to: id)
            }
        }
    }

    // MARK: - Directives

    private enum Directive {
        case membership(MembershipAction)
        case request(RequestAction)

        func isMessage(to client: ClientID) -> Bool {
            guard case .request(.send(_, let receiver)) = self else { return false }
            return receiver == client
        }
    }

    func carryOut(_ asked: [MembershipAction]) { carryOut(asked.map(Directive.membership)) }

    func carryOut(_ asked: [RequestAction]) { carryOut(asked.map(Directive.request)) }

    private func carryOut(_ asked: [Directive]) {
        directives.append(contentsOf: asked)
        guard !isCarryingOut else { return }
        isCarryingOut = true
        while let next = directives.popFirst() {
            switch next {
            case .membership(let directive): carryOut(directive)
            case .request(let directive): carryOut(directive)
            }
        }
        isCarryingOut = false
    }

    /// Brings everything forward that an event may have made possible.
    func settle() {
        if engine.isIdle {
            if membership.isDraining { carryOut(membership.drained()) }
            if membership.hasNewcomers { refineCosts() }
            carryOut(membership.idle(now: now))
        }
        updateRefusal()
        sendBatches()
    }

    private func updateRefusal() {
        let canServe = membership.isLive && !membership.isDraining
        engine.refusal = canServe ? nil : "the cluster is not ready: \(membership.stateLine)"
    }

    @discardableResult
    private func send(_ body: ControlMessage, epoch: UInt64, to worker: WorkerID) -> SendOutcome {
        let message = WireMessage(body, incarnation: incarnation, epoch: epoch)
        return sockets.send(message.frames(), on: control, to: worker)
    }

    @discardableResult
    private func send(_ reply: ClientReply, to client: ClientID) -> SendOutcome {
        sockets.send(WireMessage(reply, incarnation: incarnation).frames(), on: clientLink, to: client)
    }
}
