/// The clock that handlers are given; it never goes backwards. A simulation has one of its own.
public protocol MonotonicClock: Sendable {
    /// Where `microseconds` count from.
    var start: ContinuousClock.Instant { get }
    var now: ContinuousClock.Instant { get }
}

extension MonotonicClock {
    /// Microseconds since the start, as they travel in heartbeats and timings.
    public var microseconds: UInt64 {
        let elapsed = (now - start).components
        return UInt64(elapsed.seconds) * 1_000_000 + UInt64(elapsed.attoseconds / 1_000_000_000_000)
    }
}

/// The system's monotonic clock; it starts when it is created.
public struct SystemClock: MonotonicClock {
    public let start = ContinuousClock.now

    public init() {}

    public var now: ContinuousClock.Instant { .now }
}
