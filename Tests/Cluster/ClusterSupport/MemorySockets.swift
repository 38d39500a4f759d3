import Transport

/// The sockets of one handler in a ``MemoryNetwork``, and the turns that a loop would give it.
package final class MemorySockets: Sockets {
    private let network: MemoryNetwork
    // In the order in which they were made, so that a test runs the same each time.
    private var open: [MemorySocket] = []
    package private(set) var isStopped = false
    package private(set) var stopError: (any Error & Sendable)?
    package let droppedMessages = DroppedMessages()
    package let refusedConnections: UInt64 = 0

    package init(_ network: MemoryNetwork) { self.network = network }

    package func bindRouter(
        _ endpoint: Endpoint, maximumFrameBytes: Int?
    ) throws(TransportError) -> (SocketID, Endpoint) {
        try bind(.router, endpoint)
    }

    package func bindPull(
        _ endpoint: Endpoint, maximumFrameBytes: Int?
    ) throws(TransportError) -> (SocketID, Endpoint) {
        try bind(.pull, endpoint)
    }

    package func connectDealer(_ endpoint: Endpoint) -> SocketID { connect(.dealer, endpoint) }

    package func connectPush(_ endpoint: Endpoint) -> SocketID { connect(.push, endpoint) }

    package func send(_ frames: [[UInt8]], on socket: SocketID, to peer: [UInt8]?) -> SendOutcome {
        guard let socket = self[socket] else { return .unreachable }
        let outcome = network.send(frames, from: socket, to: peer)
        if outcome == .full { socket.awaitsWritable = true }
        return outcome
    }

    package func takeWaiting(on socket: SocketID) -> Message? {
        guard let socket = self[socket], socket.isReading, !socket.waiting.isEmpty else { return nil }
        return socket.waiting.removeFirst()
    }

    package func setReading(_ on: Bool, of socket: SocketID) { self[socket]?.isReading = on }

    package func close(_ socket: SocketID) {
        if let socket = self[socket] { network.close(socket) }
        open.removeAll { $0.id == socket }
    }

    package func stop(_ error: (any Error & Sendable)?) {
        guard !isStopped else { return }
        isStopped = true
        stopError = error
    }

    /// Hands a handler what waits for it, until nothing does, with the work that comes of it; returns whether there was
    /// anything.
    @discardableResult
    package func handOut(to handler: some SocketHandler) -> Bool {
        var (hasMore, hadAny) = (true, false)
        while hasMore, !isStopped {
            hasMore = false
            for socket in open where socket.awaitsWritable && network.isConnected(socket) {
                socket.awaitsWritable = false
                handler.writable(socket.id)
            }
            while !isStopped, handOutOne(to: handler) { hasMore = true }
            if !isStopped, handler.work() { hasMore = true }
            if hasMore { hadAny = true }
        }
        return hadAny
    }

    /// Hands a handler the oldest message of the first socket that has one; false where none has.
    package func handOutOne(to handler: some SocketHandler) -> Bool {
        for id in open.map(\.id) {
            guard let message = takeWaiting(on: id) else { continue }
            handler.received(message, on: id)
            return true
        }
        return false
    }

    private subscript(_ id: SocketID) -> MemorySocket? { open.first { $0.id == id } }

    private func bind(_ kind: MemorySocket.Kind, _ endpoint: Endpoint) throws(TransportError) -> (SocketID, Endpoint) {
        let socket = try network.bind(kind, endpoint)
        open.append(socket)
        return (socket.id, socket.endpoint)
    }

    private func connect(_ kind: MemorySocket.Kind, _ endpoint: Endpoint) -> SocketID {
        let socket = network.connect(kind, to: endpoint)
        open.append(socket)
        return socket.id
    }
}
