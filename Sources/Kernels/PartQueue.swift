import CSIMD
import Glibc
import Synchronization

/// The parts of one job after another, claimed by threads as they become free.
///
/// A thread that sleeps through a job is not waited for: a ticket, which holds the job's number and how many of its parts
/// are left, hands each part to exactly one thread, and a job is over when all its parts are done.
///
/// Unchecked: `body` and `parts` are written before the ticket offers parts, read by threads that hold one, and written
/// again only when all parts are done.
final class PartQueue: @unchecked Sendable {
    private let ticket = Atomic<UInt64>(0)
    private let done = Atomic<Int>(0)
    private let isClosed = Atomic<Bool>(false)
    private var parts = 0
    private var body: (@Sendable (Int) -> Void)?
    private let offered = Signal()
    private let finished = Signal()

    /// Offers the parts to the serving threads, works along, and returns when all are done. One caller at a time.
    func run(_ parts: Int, _ body: @escaping @Sendable (Int) -> Void) {
        precondition(parts > 0 && parts <= Int(UInt32.max), "number of parts")
        self.parts = parts
        self.body = body
        done.store(0, ordering: .relaxed)
        let job = (ticket.load(ordering: .relaxed) >> 32 &+ 1) & UInt64(UInt32.max)
        ticket.store(job << 32 | UInt64(parts), ordering: .releasing)
        offered.raise()
        workOff()
        finished.wait { done.load(ordering: .acquiring) == parts }
        self.body = nil
    }

    /// Works on jobs until the queue is closed.
    func serve() {
        while true {
            let job = workOff()
            offered.wait { ticket.load(ordering: .acquiring) >> 32 != job || isClosed.load(ordering: .acquiring) }
            if isClosed.load(ordering: .acquiring) { return }
        }
    }

    /// Ends `serve`.
    func close() {
        isClosed.store(true, ordering: .releasing)
        offered.raise()
    }

    /// Does parts of the current job while there are any, and gives its number.
    @discardableResult
    private func workOff() -> UInt64 {
        var current = ticket.load(ordering: .acquiring)
        while current & UInt64(UInt32.max) > 0 {
            let claim = ticket.weakCompareExchange(
                expected: current, desired: current - 1, ordering: .acquiringAndReleasing)
            guard claim.exchanged else {
                current = claim.original
                continue
            }
            let parts = parts
            body?(parts - Int(current & UInt64(UInt32.max)))
            if done.add(1, ordering: .acquiringAndReleasing).newValue == parts { finished.raise() }
            current = ticket.load(ordering: .acquiring)
        }
        return current >> 32
    }
}

/// Lets threads wait for a condition on atomics: spinning at first, then asleep.
///
/// Unchecked, for the pointers, which only the system's own calls use.
private final class Signal: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    private static let spinNanoseconds: UInt64 = 20_000

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Returns when the condition holds; who makes it true calls `raise` afterwards.
    func wait(until holds: () -> Bool) {
        let end = nanoseconds() + Self.spinNanoseconds
        repeat {
            if holds() { return }
            csimd_pause()
        } while nanoseconds() < end
        pthread_mutex_lock(mutex)
        while !holds() { pthread_cond_wait(changed, mutex) }
        pthread_mutex_unlock(mutex)
    }

    func raise() {
        // Under the lock, or a thread that has just found the condition false would fall asleep for good.
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    private func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
