import Synchronization
import Transport

/// A clock that stands still until a test moves it.
package final class VirtualClock: MonotonicClock {
    package let start = ContinuousClock.now
    private let elapsed = Mutex(Duration.zero)

    package init() {}

    package var now: ContinuousClock.Instant { start + elapsed.withLock { $0 } }

    package func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }
}
