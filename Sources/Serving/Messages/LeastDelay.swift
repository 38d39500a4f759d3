/// How late a peer's heartbeats come at least, by the two clocks: what the link takes, and how far the clocks are apart.
public struct LeastDelay: Sendable {
    /// So many heartbeats back: more find a quicker one, and clocks drift meanwhile.
    private static let window = 16

    private var delays: [Int64] = []
    private var next = 0

    public init() {}

    /// A heartbeat came.
    /// - Parameters:
    ///   - sent: what it says, by the peer's clock.
    ///   - received: by one's own.
    public mutating func note(sent: UInt64, received: UInt64) {
        // A peer may say anything, so nothing may overflow.
        let delay = Int64(truncatingIfNeeded: received &- sent)
        if delays.count < Self.window { delays.append(delay) } else { delays[next] = delay }
        next = (next + 1) % Self.window
    }

    /// Own clock less the peer's; nil where no heartbeat came.
    public var microseconds: Int64? { delays.min() }
}
