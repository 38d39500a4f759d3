import CZeroMQ

/// The ZeroMQ sockets of one loop: the one place where they are made.
final class ZeroMQSockets: Sockets {
    private(set) var droppedMessages = DroppedMessages()

    let bindPolicy: BindPolicy
    let limits: TransportLimits
    let timings: TransportTimings
    private(set) var isStopping = false
    private(set) var stopError: (any Error & Sendable)?

    /// Nil once the loop has ended, which a handler may outlive.
    private var context: UnsafeMutableRawPointer?
    private var openSockets: [SocketID: OpenSocket] = [:]
    private var lastNumber: UInt64 = 0
    private let connectionLimit = ConnectionLimit()

    init(bindPolicy: BindPolicy, limits: TransportLimits, timings: TransportTimings) throws(TransportError) {
        guard let context = zmq_ctx_new() else { throw .zeroMQ("making a ZeroMQ context") }
        self.context = context
        self.bindPolicy = bindPolicy
        self.limits = limits
        self.timings = timings
    }

    func bindRouter(
        _ endpoint: Endpoint, maximumFrameBytes: Int?
    ) throws(TransportError) -> (SocketID, Endpoint) {
        try bind(.router, endpoint, maximumFrameBytes)
    }

    func bindPull(_ endpoint: Endpoint, maximumFrameBytes: Int?) throws(TransportError) -> (SocketID, Endpoint) {
        try bind(.pull, endpoint, maximumFrameBytes)
    }

    func connectDealer(_ endpoint: Endpoint) throws(TransportError) -> SocketID { try connect(.dealer, endpoint) }

    func connectPush(_ endpoint: Endpoint) throws(TransportError) -> SocketID { try connect(.push, endpoint) }

    func send(_ frames: [[UInt8]], on socket: SocketID, to peer: [UInt8]?) -> SendOutcome {
        guard let open = self[socket] else { return .unreachable }
        guard open.kind.sends, (open.kind == .router) == (peer != nil), limits.allow(frames) else { return .refused }
        let outcome = open.send(peer.map { [$0] + frames } ?? frames)
        if outcome == .full, open.kind.reportsWritable { open.awaitsWritable = true }
        return outcome
    }

    func takeWaiting(on socket: SocketID) -> Message? {
        guard let open = self[socket], open.isReading else { return nil }
        var attempts = limits.messagesPerTurn
        return receive(on: open, attempts: &attempts)
    }

    /// The next message that waits on a socket; nil if none does. One beyond the limits is dropped, counted, and the
    /// next is tried, up to `attempts` messages in all, which are counted down.
    func receive(on socket: OpenSocket, attempts: inout Int) -> Message? {
        while attempts > 0 {
            attempts -= 1
            switch socket.receive(limits: limits) {
            case nil: return nil
            case .message(let message): return message
            case .tooManyFrames: droppedMessages.tooManyFrames += 1
            case .tooManyBytes: droppedMessages.tooManyBytes += 1
            case .empty: continue
            }
        }
        return nil
    }

    func setReading(_ on: Bool, of socket: SocketID) { openSockets[socket]?.isReading = on }

    func close(_ socket: SocketID) { openSockets.removeValue(forKey: socket)?.close(linger: .zero) }

    func stop(_ error: (any Error & Sendable)?) {
        guard !isStopping else { return }
        isStopping = true
        stopError = error
    }

    var refusedConnections: UInt64 { connectionLimit.refusedCount }

    subscript(_ id: SocketID) -> OpenSocket? { openSockets[id] }

    var all: some Collection<OpenSocket> { openSockets.values }

    /// Closes everything, giving queued messages `linger` to leave; afterwards nothing may be called any more.
    func end(linger: Duration) {
        for socket in openSockets.values { socket.close(linger: linger) }
        openSockets = [:]
        // It waits for the lingering sockets, so no longer than they may linger.
        while zmq_ctx_term(context) != 0, zmq_errno() == EINTR {}
        context = nil
    }

    // MARK: - Making

    private func bind(
        _ kind: OpenSocket.Kind, _ endpoint: Endpoint, _ maximumFrameBytes: Int?
    ) throws(TransportError) -> (SocketID, Endpoint) {
        let address = try listeningAddress(of: endpoint)
        let socket = try makeSocket(kind, maximumFrameBytes)
        do throws(TransportError) {
            // Asked for IPv6, ZeroMQ would turn an IPv4 address into its mapped form.
            try socket.set(ZMQ_IPV6, IPAddress(address.host)?.isV4 == true ? 0 : 1)
            if let context { try connectionLimit.watch(socket, in: context) }
            guard zmq_bind(socket.pointer, Self.zeroMQText(address)) == 0 else {
                throw zmq_errno() == EADDRINUSE
                    ? TransportError.addressInUse(endpoint) : .cannotListen(endpoint, reason: lastZeroMQError())
            }
            let bound = try Endpoint(try socket.lastEndpoint())
            openSockets[socket.id] = socket
            return (socket.id, bound)
        } catch {
            socket.close(linger: .zero)
            throw error
        }
    }

    private func connect(_ kind: OpenSocket.Kind, _ endpoint: Endpoint) throws(TransportError) -> SocketID {
        guard endpoint.port != 0 else { throw .cannotConnect(endpoint, reason: "port 0 is no port to connect to") }
        guard endpoint.host != "*" else { throw .cannotConnect(endpoint, reason: "* is no host to connect to") }
        let socket = try makeSocket(kind, nil)
        do throws(TransportError) {
            let host = endpoint.host == Endpoint.localName ? "127.0.0.1" : endpoint.host
            try socket.set(ZMQ_IPV6, Self.isReachedByV4(host) ? 0 : 1)
            let address = try Endpoint(host: host, port: endpoint.port)
            guard zmq_connect(socket.pointer, address.description) == 0 else {
                throw TransportError.cannotConnect(endpoint, reason: lastZeroMQError())
            }
            openSockets[socket.id] = socket
            return socket.id
        } catch {
            socket.close(linger: .zero)
            throw error
        }
    }

    private func makeSocket(_ kind: OpenSocket.Kind, _ frameBytes: Int?) throws(TransportError) -> OpenSocket {
        let operation = "making a ZeroMQ socket"
        guard let context else { throw .system(operation: operation, reason: "its loop has ended") }
        guard let pointer = zmq_socket(context, kind.zeroMQType) else { throw .zeroMQ(operation) }
        lastNumber += 1
        let socket = OpenSocket(id: SocketID(number: lastNumber), kind: kind, pointer: pointer)
        do throws(TransportError) {
            let frameBytes = max(1, min(frameBytes ?? limits.maximumFrameBytes, limits.maximumFrameBytes))
            try socket.configure(limits: limits, timings: timings, maximumFrameBytes: frameBytes)
            return socket
        } catch {
            socket.close(linger: .zero)
            throw error
        }
    }

    // MARK: - Addresses

    /// The numeric address (or `*`) to listen on, if the policy allows it.
    private func listeningAddress(of endpoint: Endpoint) throws(TransportError) -> Endpoint {
        var address = endpoint
        if endpoint.host == Endpoint.localName {
            address = try Endpoint(host: "127.0.0.1", port: endpoint.port)
        } else if endpoint.host != "*", IPAddress(endpoint.host) == nil {
            guard let found = IPAddress.lookUp(endpoint.host).first else {
                throw .cannotListen(endpoint, reason: "the host name \(endpoint.host) does not resolve")
            }
            address = try Endpoint(host: found.description, port: endpoint.port)
        }
        guard bindPolicy == .anyAddress || address.isLoopback else { throw .notLoopback(endpoint) }
        return address
    }

    private static func zeroMQText(_ endpoint: Endpoint) -> String {
        endpoint.port == 0 ? String(endpoint.description.dropLast()) + "*" : endpoint.description
    }

    /// ZeroMQ tries one address of a name only, an IPv6 one first if it may, and so would never reach a peer that
    /// listens on IPv4 under a name that has both.
    private static func isReachedByV4(_ host: String) -> Bool {
        if let address = IPAddress(host) { return address.isV4 }
        return IPAddress.lookUp(host).contains(where: \.isV4)
    }
}
