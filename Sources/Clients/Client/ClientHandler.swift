import Messages
import Transport
import Wire

/// The client's protocol, on its socket thread: one DEALER, a heartbeat each way every second.
final class ClientHandler: SocketHandler {
    /// What the client's other threads want sent.
    typealias Posted = ClientRequest

    private static let heartbeatInterval = Duration.seconds(1)
    /// Silence after which the coordinator is taken for gone: under 5 s with a tick to spare.
    private static let patience = Duration.seconds(4)

    private let sockets: any Sockets
    private let endpoint: Endpoint
    private let socket: SocketID
    private let deliver: (ClientReply) -> Bool
    private let clock: any MonotonicClock
    private var lastHeartbeat: ContinuousClock.Instant?
    private var lastHeard: ContinuousClock.Instant
    private var isAnswered = false
    // The coordinator's, once it has answered.
    private var incarnation: UInt64?
    // Requests that have not ended, with the number of their sequences that have not.
    private var open: [UInt64: UInt32] = [:]

    /// - Parameter deliver: takes a reply; false where it cannot take any more.
    init(
        _ environment: HandlerEnvironment, endpoint: Endpoint, deliver: @escaping (ClientReply) -> Bool
    ) throws {
        sockets = environment.sockets
        clock = environment.clock
        self.endpoint = endpoint
        self.deliver = deliver
        socket = try sockets.connectDealer(endpoint)
        lastHeard = clock.now
    }

    func posted(_ body: ClientRequest) {
        let frames = WireMessage(body).frames()
        // ZeroMQ at the other end would cut the connection.
        if let bytes = frames.first?.count, bytes > WireLimits.headerBytes, let requestID = body.requestID {
            let message = "the request has \(bytes) bytes, and at most \(WireLimits.headerBytes) are taken"
            _ = deliver(.failure(Failure(requestID: requestID, code: .badRequest, message: message)))
            return
        }
        switch body {
        case .generate(let request): open[request.requestID] = request.sequences
        case .score(let request): open[request.requestID] = 1
        default: break
        }
        _ = sockets.send(frames, on: socket)
    }

    func received(_ message: Message, on socket: SocketID) {
        // What does not parse is no answer; if nothing else comes, the coordinator counts as lost.
        guard let wire = try? WireMessage<ClientReply>(frames: message.frames),
            ProtocolVersion.supported.contains(wire.version)
        else { return }
        // Another life of the coordinator knows nothing of our requests.
        if let incarnation, incarnation != wire.incarnation {
            return sockets.stop(ClientError.lostCoordinator(endpoint))
        }
        incarnation = wire.incarnation
        isAnswered = true
        lastHeard = clock.now
        if case .heartbeat = wire.body { return }
        noteEnd(wire.body)
        if !deliver(wire.body) { sockets.stop(ClientError.tooManyReplies(endpoint)) }
    }

    func tick(now: ContinuousClock.Instant) {
        if now - lastHeard > Self.patience {
            return sockets.stop(
                isAnswered ? ClientError.lostCoordinator(endpoint) : ClientError.noCoordinator(endpoint))
        }
        if let lastHeartbeat, now - lastHeartbeat < Self.heartbeatInterval { return }
        lastHeartbeat = now
        send(.heartbeat(Heartbeat()))
        if !open.isEmpty { send(.waiting(requestIDs: open.keys.sorted())) }
    }

    private func noteEnd(_ body: ClientReply) {
        switch body {
        case .done(let done):
            let left = (open[done.requestID] ?? 1) - 1
            open[done.requestID] = left == 0 ? nil : left
        case .failure(let failure): open[failure.requestID] = nil
        default: break
        }
    }

    private func send(_ body: ClientRequest) {
        _ = sockets.send(WireMessage(body).frames(), on: socket)
    }
}
