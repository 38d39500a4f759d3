import CZeroMQ

/// The sockets of one loop, confined to its thread: the one place where sockets are made.
///
/// Nothing here blocks but the name lookups of binds and connects. Sockets that were not closed are closed with the
/// loop. A handler must expect anything in a message: ZeroMQ takes foreign bytes, such as an HTTP request, for the
/// oldest version of its protocol, and hands them over in frames.
public final class Sockets {
    /// Messages dropped so far on all sockets of the loop.
    public internal(set) var droppedMessages = DroppedMessages()

    let bindPolicy: BindPolicy
    let limits: TransportLimits
    let timings: TransportTimings
    private(set) var isStopping = false
    private(set) var stopError: (any Error & Sendable)?

    /// Nil once the loop has ended, which a handler may outlive.
    private var context: UnsafeMutableRawPointer?
    private var openSockets: [SocketID: OpenSocket] = [:]
    private var lastNumber: UInt64 = 0

    init(bindPolicy: BindPolicy, limits: TransportLimits, timings: TransportTimings) throws(TransportError) {
        guard let context = zmq_ctx_new() else { throw .zeroMQ("making a ZeroMQ context") }
        self.context = context
        self.bindPolicy = bindPolicy
        self.limits = limits
        self.timings = timings
    }

    /// Listens for DEALERs. Sends to a peer that is not connected are `.unreachable`, and a peer cannot take over the
    /// identity of another. Returns the endpoint with the port the system chose, where it was left open. Frames over
    /// `maximumFrameBytes` (the loop's limit if nil or larger) cost a peer its connection.
    /// Throws `TransportError`: beyond loopback where that is not allowed, in use, or not an address of this machine.
    public func bindRouter(
        _ endpoint: Endpoint, maximumFrameBytes: Int? = nil
    ) throws(TransportError) -> (SocketID, Endpoint) {
        try bind(.router, endpoint, maximumFrameBytes)
    }

    /// Listens for PUSHes; otherwise as `bindRouter`.
    public func bindPull(
        _ endpoint: Endpoint, maximumFrameBytes: Int? = nil
    ) throws(TransportError) -> (SocketID, Endpoint) {
        try bind(.pull, endpoint, maximumFrameBytes)
    }

    /// Connects to a ROUTER, now and again until the socket is closed; a peer that is not there yet, or a name that
    /// does not resolve yet, is no error. Messages wait for the connection, also across a reconnect, up to the
    /// high-water mark; a protocol that starts anew with each connection should close the socket and connect another.
    /// The other side sees a new identity after every reconnect. Throws `TransportError.cannotConnect`.
    public func connectDealer(_ endpoint: Endpoint) throws(TransportError) -> SocketID {
        try connect(.dealer, endpoint)
    }

    /// Connects to a PULL, now and again until the socket is closed. Nothing is queued while no peer is connected
    /// (ZMQ_IMMEDIATE): what is pushed belongs to a plan, so it must not reach whoever listens there later, and the
    /// sender should notice. So sends are `.full` until the connection is made (`writable` tells), and again once it is
    /// lost, which also drops what was queued. Throws `TransportError.cannotConnect`.
    public func connectPush(_ endpoint: Endpoint) throws(TransportError) -> SocketID {
        try connect(.push, endpoint)
    }

    /// Whether messages are read from a socket; they are to begin with. While they are not, they queue up to the
    /// high-water mark, and then the peer's sends become `.full`.
    public func setReading(_ on: Bool, of socket: SocketID) { openSockets[socket]?.isReading = on }

    /// Closes a socket; what it has not sent yet is dropped. Closing twice is no error.
    public func close(_ socket: SocketID) { openSockets.removeValue(forKey: socket)?.close(linger: .zero) }

    /// Ends the loop after the running callback: `stopping()` is called, the sockets close, and `run` returns or throws
    /// the error. The first call counts.
    public func stop(_ error: (any Error & Sendable)? = nil) {
        guard !isStopping else { return }
        isStopping = true
        stopError = error
    }

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
