import CSIMD
import Glibc

/// Lets threads wait for a condition on atomics: first spinning, then yielding, then asleep.
///
/// Unchecked because of the pointers, which only system calls use.
final class Signal: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    private static let spinNanoseconds: UInt64 = 20_000
    /// Together with the spinning time this is longer than a part of a step takes, so a thread that finishes first does
    /// not fall asleep between two steps, but other processes may use its core. Much longer costs the next stage, on
    /// the same machine, more than it saves.
    private static let yieldNanoseconds: UInt64 = 40_000

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

    /// Returns when the condition holds. Whoever makes it true must call `raise` afterwards.
    func wait(until holds: () -> Bool) {
        let end = nanoseconds() + Self.spinNanoseconds
        repeat {
            if holds() { return }
            csimd_pause()
        } while nanoseconds() < end
        repeat {
            if holds() { return }
            sched_yield()
        } while nanoseconds() < end + Self.yieldNanoseconds
        pthread_mutex_lock(mutex)
        while !holds() { pthread_cond_wait(changed, mutex) }
        pthread_mutex_unlock(mutex)
    }

    func raise() {
        // Locked once, since otherwise a thread that has just found the condition false could sleep forever; unlocked
        // before the broadcast, because the woken threads need the lock.
        pthread_mutex_lock(mutex)
        pthread_mutex_unlock(mutex)
        pthread_cond_broadcast(changed)
    }

    private func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
