/// Where a process may listen.
public enum BindPolicy: Sendable {
    /// Only 127.0.0.0/8 and ::1.
    case loopbackOnly
    /// Anywhere, without keys: what `--insecure` asks for.
    case anyAddress
}

/// Bounds on what a peer may send and how long it may take; each value is clamped to at least its smallest sane value.
///
/// One connection can make a socket hold up to `highWaterMark` messages of `maximumFrameBytes` × frames, and ZeroMQ
/// counts only whole messages, so a peer that is not trusted should meet a small `maximumFrameBytes` (see the binds).
public struct TransportLimits: Sendable {
    /// A larger frame makes ZeroMQ drop the connection it came on, before memory is taken for it. In bytes.
    public let maximumFrameBytes: Int
    /// A message of more frames (the sender's identity not counted) is dropped and counted.
    public let maximumFrames: Int
    /// A message whose frames are larger together is dropped and counted. In bytes.
    public let maximumMessageBytes: Int
    /// Messages queued per connection and direction before a send is `.full` or the peer has to wait.
    public let highWaterMark: Int
    /// Events of `SocketLoop.post` that wait for the loop.
    public let maximumPostedEvents: Int
    /// Messages handed out per socket before the other sockets have their turn.
    public let messagesPerTurn: Int

    public init(
        maximumFrameBytes: Int = 64 << 20, maximumFrames: Int = 16, maximumMessageBytes: Int = 128 << 20,
        highWaterMark: Int = 1_024, maximumPostedEvents: Int = 65_536, messagesPerTurn: Int = 64
    ) {
        self.maximumFrameBytes = max(1, maximumFrameBytes)
        self.maximumFrames = max(1, maximumFrames)
        self.maximumMessageBytes = max(1, maximumMessageBytes)
        // ZeroMQ takes 0 for no limit at all.
        self.highWaterMark = min(max(1, highWaterMark), Int(Int32.max))
        self.maximumPostedEvents = max(1, maximumPostedEvents)
        self.messagesPerTurn = max(1, messagesPerTurn)
    }
}

/// How long connections may take and be silent; each at least a millisecond and at most an hour.
public struct TransportTimings: Sendable {
    /// For a TCP connection to be made and to say that it speaks ZeroMQ; then it is closed.
    public let handshake: Duration
    /// Between ZeroMQ's own pings on an idle or busy connection.
    public let heartbeatInterval: Duration
    /// Silence after a ping until the connection counts as dead. Generous, for a ping waits behind the frame on the
    /// wire; that a process hangs is found sooner by the heartbeats of the protocol above.
    public let heartbeatTimeout: Duration
    /// First wait before a lost connection is dialled again; doubles up to `longestReconnectInterval`.
    public let reconnectInterval: Duration
    /// Longest wait between two attempts to dial.
    public let longestReconnectInterval: Duration
    /// For messages still queued when the loop stops, so that a goodbye gets out.
    public let goodbyeLinger: Duration

    public init(
        handshake: Duration = .seconds(5), heartbeatInterval: Duration = .seconds(2),
        heartbeatTimeout: Duration = .seconds(10), reconnectInterval: Duration = .milliseconds(100),
        longestReconnectInterval: Duration = .seconds(2), goodbyeLinger: Duration = .milliseconds(250)
    ) {
        func sane(_ duration: Duration) -> Duration { min(max(duration, .milliseconds(1)), .seconds(3_600)) }
        self.handshake = sane(handshake)
        self.heartbeatInterval = sane(heartbeatInterval)
        self.heartbeatTimeout = sane(heartbeatTimeout)
        self.reconnectInterval = sane(reconnectInterval)
        self.longestReconnectInterval = sane(longestReconnectInterval)
        self.goodbyeLinger = sane(goodbyeLinger)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that a wait never becomes a spin; within 0 and what ZeroMQ's options take.
    var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < Int64(Int32.max) / 1_000 else { return Int32.max }
        return Int32(seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
