import Transport

/// Where the in-memory sockets of one test find each other: all on one thread, in the order of the calls.
package final class MemoryNetwork {
    private var listeners: [Endpoint: MemorySocket] = [:]
    private var dealers: [[UInt8]: MemorySocket] = [:]
    // What dealers sent to an endpoint before anyone listened there.
    private var early: [Endpoint: [Message]] = [:]
    private var lastNumber: UInt64 = 0
    private var lastPort = 40_000

    package init() {}

    func makeSocket(_ kind: MemorySocket.Kind, at endpoint: Endpoint) -> MemorySocket {
        lastNumber += 1
        return MemorySocket(id: SocketID(number: lastNumber), number: lastNumber, kind: kind, endpoint: endpoint)
    }

    /// Listens at an endpoint, with a port of the network's own where it names none.
    func bind(_ kind: MemorySocket.Kind, _ endpoint: Endpoint) throws(TransportError) -> MemorySocket {
        var endpoint = endpoint
        if endpoint.port == 0 {
            lastPort += 1
            endpoint = try Endpoint(host: endpoint.host, port: lastPort)
        }
        guard listeners[endpoint] == nil else { throw .addressInUse(endpoint) }
        let socket = makeSocket(kind, at: endpoint)
        listeners[endpoint] = socket
        socket.waiting = early.removeValue(forKey: endpoint) ?? []
        return socket
    }

    func connect(_ kind: MemorySocket.Kind, to endpoint: Endpoint) -> MemorySocket {
        let socket = makeSocket(kind, at: endpoint)
        if kind == .dealer { dealers[socket.identity] = socket }
        return socket
    }

    func close(_ socket: MemorySocket) {
        switch socket.kind {
        case .router, .pull: listeners[socket.endpoint] = nil
        case .dealer: dealers[socket.identity] = nil
        case .push: break
        }
    }

    /// Whether somebody listens where the socket is connected to.
    func isConnected(_ socket: MemorySocket) -> Bool { listeners[socket.endpoint] != nil }

    func send(_ frames: [[UInt8]], from socket: MemorySocket, to peer: [UInt8]?) -> SendOutcome {
        let address = "127.0.0.1"
        switch socket.kind {
        case .pull: return .refused
        case .router:
            guard let peer, let dealer = dealers[peer], dealer.endpoint == socket.endpoint else { return .unreachable }
            dealer.waiting.append(Message(frames: frames, senderAddress: address))
        case .dealer:
            let message = Message(peer: socket.identity, frames: frames, senderAddress: address)
            if let router = listeners[socket.endpoint] {
                router.waiting.append(message)
            } else {
                early[socket.endpoint, default: []].append(message)
            }
        case .push:
            guard let pull = listeners[socket.endpoint] else { return .full }
            pull.waiting.append(Message(frames: frames, senderAddress: address))
        }
        return .sent
    }
}

/// One socket, and what waits to be read from it.
final class MemorySocket {
    enum Kind {
        case router, pull, dealer, push
    }

    let id: SocketID
    let kind: Kind
    /// Where it listens, or is connected to.
    let endpoint: Endpoint
    /// By which a ROUTER knows a DEALER.
    let identity: [UInt8]
    var waiting: [Message] = []
    var isReading = true
    /// The last send was `.full`, and the handler is to hear when that changes.
    var awaitsWritable = false

    init(id: SocketID, number: UInt64, kind: Kind, endpoint: Endpoint) {
        self.id = id
        self.kind = kind
        self.endpoint = endpoint
        identity = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
