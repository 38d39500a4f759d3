import Engine
import Messages
import Transport
import Wire

/// The three sockets on which a coordinator listens, and what it says on two of them.
struct CoordinatorSockets {
    /// Bytes of a header frame on the control link: a Hello with the digests of some thousand layers.
    private static let controlFrameBytes = 1 << 20

    let endpoints: CoordinatorEndpoints
    private let sockets: any Sockets
    private let incarnation: UInt64
    private let control: SocketID
    private let client: SocketID

    /// Binds them.
    /// - Throws: `TransportError` where one cannot listen.
    init(_ sockets: any Sockets, _ configuration: CoordinatorConfiguration, incarnation: UInt64) throws(TransportError)
    {
        self.sockets = sockets
        self.incarnation = incarnation
        let (control, controlEndpoint) = try sockets.bindRouter(
            configuration.control, maximumFrameBytes: Self.controlFrameBytes)
        let (client, clientEndpoint) = try sockets.bindRouter(
            configuration.clients, maximumFrameBytes: WireLimits.headerBytes)
        let (_, resultEndpoint) = try sockets.bindPull(
            Endpoint(host: controlEndpoint.host, port: 0), maximumFrameBytes: WireLimits.headerBytes)
        self.control = control
        self.client = client
        endpoints = CoordinatorEndpoints(control: controlEndpoint, clients: clientEndpoint, results: resultEndpoint)
    }

    func link(of socket: SocketID) -> CoordinatorLink {
        socket == control ? .control : socket == client ? .client : .result
    }

    @discardableResult
    func send(_ body: ControlMessage, epoch: UInt64 = 0, to worker: WorkerID) -> SendOutcome {
        let message = WireMessage(body, incarnation: incarnation, epoch: epoch)
        return sockets.send(message.frames(), on: control, to: worker)
    }

    /// Answers what is of another link, or breaks a limit, on the socket it came on, where somebody waits for that.
    func answer(unreadable message: Message, _ error: WireError, on link: CoordinatorLink) {
        guard let peer = message.peer, let answer = Misdirected(message.frames, error, on: link, of: endpoints) else {
            return
        }
        _ = sockets.send(answer.frames(incarnation: incarnation), on: link == .control ? control : client, to: peer)
    }

    /// Answers a request in a version of the protocol that is not spoken here.
    func refuse(_ wire: WireMessage<ClientRequest>, from client: ClientID) {
        guard let requestID = wire.body.requestID else { return }
        let reason = "protocol version \(wire.version) is not spoken here: use \(ProtocolVersion.current)"
        send(Refusal.badRequest(reason).failure(requestID), to: client)
    }

    @discardableResult
    func send(_ reply: ClientReply, to client: ClientID) -> SendOutcome {
        sockets.send(WireMessage(reply, incarnation: incarnation).frames(), on: self.client, to: client)
    }
}
