/// The sockets that a handler works with, confined to its thread; a socket loop gives ZeroMQ's, a simulation others.
///
/// Nothing here blocks but the name lookups of binds and connects. Sockets that were not closed are closed with the
/// loop. A handler must expect anything in a message: ZeroMQ takes foreign bytes, such as an HTTP request, for the
/// oldest version of its protocol, and hands them over in frames.
public protocol Sockets: AnyObject {
    /// Listens for DEALERs. Sends to a peer that is not connected are `.unreachable`, and a peer cannot take over the
    /// identity of another. Returns the endpoint with the port the system chose, where it was left open. Frames over
    /// `maximumFrameBytes` (the loop's limit if nil or larger) cost a peer its connection.
    /// Throws `TransportError`: beyond loopback where that is not allowed, in use, or not an address of this machine.
    func bindRouter(_ endpoint: Endpoint, maximumFrameBytes: Int?) throws(TransportError) -> (SocketID, Endpoint)

    /// Listens for PUSHes; otherwise as `bindRouter`.
    func bindPull(_ endpoint: Endpoint, maximumFrameBytes: Int?) throws(TransportError) -> (SocketID, Endpoint)

    /// Connects to a ROUTER, now and again until the socket is closed; a peer that is not there yet, or a name that
    /// does not resolve yet, is no error. Messages wait for the connection, also across a reconnect, up to the
    /// high-water mark; a protocol that starts anew with each connection should close the socket and connect another.
    /// The other side sees a new identity after every reconnect. Throws `TransportError.cannotConnect`.
    func connectDealer(_ endpoint: Endpoint) throws(TransportError) -> SocketID

    /// Connects to a PULL, now and again until the socket is closed. Nothing is queued while no peer is connected
    /// (ZMQ_IMMEDIATE): what is pushed belongs to a plan, so it must not reach whoever listens there later, and the
    /// sender should notice. So sends are `.full` until the connection is made (`writable` tells), and again once it is
    /// lost, which also drops what was queued. Throws `TransportError.cannotConnect`.
    func connectPush(_ endpoint: Endpoint) throws(TransportError) -> SocketID

    /// Sends one message, and never waits: on a ROUTER to the peer of that identity (`Message.peer`), otherwise to the
    /// one the socket is connected to. The frames are copied.
    func send(_ frames: [[UInt8]], on socket: SocketID, to peer: [UInt8]?) -> SendOutcome

    /// A message that waits on a socket, for a handler that is at a long piece of work; nil if none does.
    func takeWaiting(on socket: SocketID) -> Message?

    /// Whether messages are read from a socket; they are to begin with. While they are not, they queue up to the
    /// high-water mark, and then the peer's sends become `.full`.
    func setReading(_ on: Bool, of socket: SocketID)

    /// Closes a socket; what it has not sent yet is dropped. Closing twice is no error.
    func close(_ socket: SocketID)

    /// Ends the loop after the running callback: `stopping()` is called, the sockets close, and `run` returns or throws
    /// the error. The first call counts.
    func stop(_ error: (any Error & Sendable)?)

    /// Messages dropped so far on all sockets of the loop.
    var droppedMessages: DroppedMessages { get }

    /// Connections that were cut at once because descriptors ran short, on all sockets of the loop.
    var refusedConnections: UInt64 { get }
}

extension Sockets {
    /// Listens for DEALERs, with the loop's limit of a frame.
    public func bindRouter(_ endpoint: Endpoint) throws(TransportError) -> (SocketID, Endpoint) {
        try bindRouter(endpoint, maximumFrameBytes: nil)
    }

    /// Listens for PUSHes, with the loop's limit of a frame.
    public func bindPull(_ endpoint: Endpoint) throws(TransportError) -> (SocketID, Endpoint) {
        try bindPull(endpoint, maximumFrameBytes: nil)
    }

    /// Sends one message to whoever the socket is connected to.
    public func send(_ frames: [[UInt8]], on socket: SocketID) -> SendOutcome { send(frames, on: socket, to: nil) }

    /// Ends the loop after the running callback, without an error.
    public func stop() { stop(nil) }
}
