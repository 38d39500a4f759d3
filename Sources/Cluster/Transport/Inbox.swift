import CZeroMQ
import Glibc
import Synchronization

/// What other threads hand to a loop: events in order, and a request to stop. A file descriptor wakes the loop's poll.
final class Inbox<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var stopRequested = false
        var isClaimed = false
        var hasEnded = false
        /// An eventfd, once the loop runs. It stays open as long as the inbox exists, since other threads write to it
        /// unlocked.
        var wakeDescriptor: Int32?
        /// The descriptor is readable already, or about to be, so there is no need to write again.
        var isSignalled = false

        /// The descriptor to write to, if that is needed.
        mutating func signal() -> Int32? {
            guard let wakeDescriptor, !isSignalled else { return nil }
            isSignalled = true
            return wakeDescriptor
        }
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = capacity }

    deinit {
        if let descriptor = state.withLock({ $0.wakeDescriptor }) { Glibc.close(descriptor) }
    }

    /// Adds an event; false if `capacity` events wait already, a stop was asked for, or the loop has ended.
    func post(_ event: Event) -> Bool {
        let (isAccepted, descriptor) = state.withLock { state -> (Bool, Int32?) in
            guard !state.stopRequested, !state.hasEnded, state.events.count < capacity else { return (false, nil) }
            state.events.append(event)
            return (true, state.signal())
        }
        wake(descriptor)
        return isAccepted
    }

    /// Asks the loop to end once it has handed out what was posted before.
    func requestStop() {
        wake(
            state.withLock { state in
                state.stopRequested = true
                return state.signal()
            })
    }

    /// Not under the lock: the loop's thread often runs at once, in place of this one, and would have to wait for it.
    private func wake(_ descriptor: Int32?) {
        // Fails only where the counter is at its maximum, and then the descriptor is readable anyway.
        if let descriptor { eventfd_write(descriptor, 1) }
    }

    /// True for the first caller only, who may run the loop.
    func claim() -> Bool {
        state.withLock { state in
            defer { state.isClaimed = true }
            return !state.isClaimed
        }
    }

    /// Makes the descriptor for the loop's poll: readable while there is something to take.
    func open() throws(TransportError) -> Int32 {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw .system(operation: "making an eventfd", reason: String(cString: strerror(errno)))
        }
        wake(
            state.withLock { state in
                state.wakeDescriptor = descriptor
                return !state.events.isEmpty || state.stopRequested ? state.signal() : nil
            })
        return descriptor
    }

    /// Takes all events, and says whether to stop after them.
    func take() -> (events: [Event], stopRequested: Bool) {
        state.withLock { state in
            if let wakeDescriptor = state.wakeDescriptor {
                var count: eventfd_t = 0
                eventfd_read(wakeDescriptor, &count)
                state.isSignalled = false
            }
            let events = state.events
            state.events = []
            return (events, state.stopRequested)
        }
    }

    /// From now on nothing is accepted; what waits is dropped.
    func close() {
        state.withLock { state in
            state.hasEnded = true
            state.events = []
        }
    }
}
