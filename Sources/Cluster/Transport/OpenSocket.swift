import CZeroMQ

/// A ZeroMQ socket, and the loop's state for it.
final class OpenSocket {
    enum Kind {
        case router, pull, dealer, push

        var zeroMQType: Int32 {
            switch self {
            case .router: ZMQ_ROUTER
            case .pull: ZMQ_PULL
            case .dealer: ZMQ_DEALER
            case .push: ZMQ_PUSH
            }
        }

        var receives: Bool { self != .push }

        var sends: Bool { self != .pull }

        /// Whether "writable" means something: a ROUTER is writable as soon as any one peer is.
        var reportsWritable: Bool { self == .dealer || self == .push }
    }

    let id: SocketID
    let kind: Kind
    let pointer: UnsafeMutableRawPointer
    /// The part being received. Its address must not change, since ZeroMQ keeps short parts inside it.
    let incoming = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
    var isReading = true
    /// The last send was `.full`, and the handler is to be told when that changes.
    var awaitsWritable = false

    init(id: SocketID, kind: Kind, pointer: UnsafeMutableRawPointer) {
        self.id = id
        self.kind = kind
        self.pointer = pointer
    }

    deinit { incoming.deallocate() }

    /// What to poll for.
    var events: Int16 {
        Int16((kind.receives && isReading ? ZMQ_POLLIN : 0) | (awaitsWritable ? ZMQ_POLLOUT : 0))
    }

    func configure(limits: TransportLimits, timings: TransportTimings, maximumFrameBytes: Int) throws(TransportError) {
        try set(ZMQ_LINGER, 0)
        try set(ZMQ_SNDHWM, Int32(limits.highWaterMark))
        try set(ZMQ_RCVHWM, Int32(limits.highWaterMark))
        try setAny(ZMQ_MAXMSGSIZE, Int64(maximumFrameBytes))

        try set(ZMQ_HANDSHAKE_IVL, timings.handshake.wholeMilliseconds)
        try set(ZMQ_CONNECT_TIMEOUT, timings.handshake.wholeMilliseconds)
        try set(ZMQ_HEARTBEAT_IVL, timings.heartbeatInterval.wholeMilliseconds)
        try set(ZMQ_HEARTBEAT_TIMEOUT, timings.heartbeatTimeout.wholeMilliseconds)
        // How long the peer is to wait for our next ping.
        try set(ZMQ_HEARTBEAT_TTL, timings.heartbeatTimeout.wholeMilliseconds)
        try set(ZMQ_RECONNECT_IVL, timings.reconnectInterval.wholeMilliseconds)
        try set(ZMQ_RECONNECT_IVL_MAX, timings.longestReconnectInterval.wholeMilliseconds)

        // For peers too old to answer ZeroMQ's pings; in seconds.
        try set(ZMQ_TCP_KEEPALIVE, 1)
        try set(ZMQ_TCP_KEEPALIVE_IDLE, 30)
        try set(ZMQ_TCP_KEEPALIVE_INTVL, 10)
        try set(ZMQ_TCP_KEEPALIVE_CNT, 3)

        switch kind {
        case .router: try set(ZMQ_ROUTER_MANDATORY, 1)
        case .push: try set(ZMQ_IMMEDIATE, 1)
        case .pull, .dealer: break
        }
    }

    /// Sets one of the options that ZeroMQ documents as an int.
    func set(_ option: Int32, _ value: Int32) throws(TransportError) { try setAny(option, value) }

    private func setAny<Value: FixedWidthInteger>(_ option: Int32, _ value: Value) throws(TransportError) {
        var value = value
        guard zmq_setsockopt(pointer, option, &value, MemoryLayout<Value>.size) == 0 else {
            throw .zeroMQ("setting ZeroMQ's socket option \(option) to \(value)")
        }
    }

    /// The endpoint of the last bind, with the port the system chose.
    func lastEndpoint() throws(TransportError) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        var length = text.count
        guard zmq_getsockopt(pointer, ZMQ_LAST_ENDPOINT, &text, &length) == 0 else {
            throw .zeroMQ("asking ZeroMQ for the endpoint of a socket")
        }
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    func close(linger: Duration) {
        var milliseconds = linger.wholeMilliseconds
        // Neither can fail on a socket that is open, as this one is.
        zmq_setsockopt(pointer, ZMQ_LINGER, &milliseconds, MemoryLayout<Int32>.size)
        if kind == .router || kind == .pull { zmq_socket_monitor(pointer, nil, 0) }
        zmq_close(pointer)
    }
}

/// ZeroMQ's reason why the last call on this thread failed.
func lastZeroMQError() -> String {
    let number = zmq_errno()
    guard let text = zmq_strerror(number) else { return "error \(number)" }
    return String(cString: text)
}

extension TransportError {
    /// That `operation`, which should always work, just failed.
    static func zeroMQ(_ operation: String) -> TransportError {
        .system(operation: operation, reason: lastZeroMQError())
    }
}
