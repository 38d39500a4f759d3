/// The time that a process's handlers go by: it never goes backwards. A simulation gives one of its own.
public protocol MonotonicClock: Sendable {
    /// Where `microseconds` count from.
    var start: ContinuousClock.Instant { get }
    var now: ContinuousClock.Instant { get }
}

extension MonotonicClock {
    /// Since the start: the time as it travels in heartbeats and timings.
    public var microseconds: UInt64 {
        let elapsed = (now - start).components
        return UInt64(elapsed.seconds) * 1_000_000 + UInt64(elapsed.attoseconds / 1_000_000_000_000)
    }
}

/// The system's clock, which starts when it is made.
public struct SystemClock: MonotonicClock {
    public let start = ContinuousClock.now

    public init() {}

    public var now: ContinuousClock.Instant { .now }
}
