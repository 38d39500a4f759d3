/// Names one socket of a loop; never used again after the socket is closed.
public struct SocketID: Hashable, Sendable, CustomStringConvertible {
    let number: UInt64

    /// For tests of handlers; the sockets of a loop are numbered by it.
    package init(number: UInt64) { self.number = number }

    public var description: String { "socket \(number)" }
}

/// One message as it came in: opaque frames, and who sent it.
public struct Message: Sendable {
    /// On a ROUTER, the identity of the connection it came on, to which answers go; otherwise nil. A peer that
    /// reconnects has a new identity.
    public var peer: [UInt8]?
    /// The frames, at least one; the identity is not among them.
    public var frames: [[UInt8]]
    /// The numeric IP address of the sender, where ZeroMQ knows it: for logs, and to find where a peer can be reached.
    public var senderAddress: String?

    public init(peer: [UInt8]? = nil, frames: [[UInt8]], senderAddress: String? = nil) {
        self.peer = peer
        self.frames = frames
        self.senderAddress = senderAddress
    }
}

/// The outcome of a send.
public enum SendOutcome: Sendable {
    /// Queued. It is lost if the connection is cut before it leaves.
    case sent
    /// The queue is at its high-water mark, or (PUSH) nobody is connected; try again when told of `writable`.
    case full
    /// No such peer: ROUTER without a connection of that identity, or the socket is closed.
    case unreachable
    /// It can never be sent: no frames, more or larger ones than the limits allow, or a socket that only receives.
    case refused
}

/// Messages that came in and were dropped because they were beyond the limits.
public struct DroppedMessages: Hashable, Sendable {
    /// Of more than `TransportLimits.maximumFrames`.
    public var tooManyFrames: UInt64 = 0
    /// Of more than `TransportLimits.maximumMessageBytes`. (Frames over `maximumFrameBytes` do not come in at all:
    /// ZeroMQ drops the connection.)
    public var tooManyBytes: UInt64 = 0

    public var all: UInt64 { tooManyFrames + tooManyBytes }

    public init() {}
}
