import Messages
import Transport

/// A worker's session with its coordinator: whether it has been welcomed, and what is due when.
package struct CoordinatorSession {
    package enum Due: Equatable {
        case none, sendHello, sendHeartbeat, lost
    }

    /// Time between two hellos that are not answered.
    private static let helloInterval = Duration.seconds(1)
    private static let missedHeartbeats = 3

    package let socket: SocketID
    package private(set) var isWelcome = false
    /// The coordinator's incarnation; 0 before its welcome.
    package private(set) var incarnation: UInt64 = 0
    /// Of the newest assignment; 0 before the first.
    package var epoch: UInt64 = 0
    private var heartbeatInterval = Duration.seconds(1)
    private var lastHello: ContinuousClock.Instant?
    private var lastHeartbeat: ContinuousClock.Instant?
    private var lastHeard: ContinuousClock.Instant?

    package init(socket: SocketID) { self.socket = socket }

    package mutating func helloSent(now: ContinuousClock.Instant) { lastHello = now }

    package mutating func heard(now: ContinuousClock.Instant) { lastHeard = now }

    /// Returns true for the first welcome of the session.
    package mutating func welcomed(_ welcome: Welcome, incarnation: UInt64, now: ContinuousClock.Instant) -> Bool {
        lastHeard = now
        guard !isWelcome else { return false }
        isWelcome = true
        self.incarnation = incarnation
        heartbeatInterval = .milliseconds(Int(min(max(welcome.heartbeatMilliseconds, 50), 60_000)))
        return true
    }

    package mutating func tick(now: ContinuousClock.Instant) -> Due {
        guard isWelcome else {
            return lastHello.map { now - $0 >= Self.helloInterval } ?? true ? .sendHello : .none
        }
        if let lastHeard, now - lastHeard > heartbeatInterval * Self.missedHeartbeats { return .lost }
        if let lastHeartbeat, now - lastHeartbeat < heartbeatInterval { return .none }
        lastHeartbeat = now
        return .sendHeartbeat
    }
}
