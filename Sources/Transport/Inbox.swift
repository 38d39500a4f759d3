import CZeroMQ
import Glibc
import Synchronization

/// What other threads have for a loop: events in order, and the wish to stop; a file descriptor wakes its poll.
final class Inbox<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var stopRequested = false
        var isClaimed = false
        var hasEnded = false
        /// An eventfd while the loop runs.
        var wakeDescriptor: Int32?
        /// The descriptor is readable already, so there is no need to write again.
        var isSignalled = false

        mutating func wake() {
            guard let wakeDescriptor, !isSignalled else { return }
            // Fails only where the counter is at its maximum, and then the descriptor is readable anyway.
            eventfd_write(wakeDescriptor, 1)
            isSignalled = true
        }
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = capacity }

    /// Adds an event; false if `capacity` events wait already, a stop was asked for, or the loop has ended.
    func post(_ event: Event) -> Bool {
        state.withLock { state in
            guard !state.stopRequested, !state.hasEnded, state.events.count < capacity else { return false }
            state.events.append(event)
            state.wake()
            return true
        }
    }

    /// Asks the loop to end once it has handed out what was posted before.
    func requestStop() {
        state.withLock { state in
            state.stopRequested = true
            state.wake()
        }
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
        state.withLock { state in
            state.wakeDescriptor = descriptor
            if !state.events.isEmpty || state.stopRequested { state.wake() }
        }
        return descriptor
    }

    /// Takes all events, and says whether to stop after them.
    func take() -> (events: [Event], stopRequested: Bool) {
        state.withLock { state in
            if let wakeDescriptor = state.wakeDescriptor, state.isSignalled {
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
            if let wakeDescriptor = state.wakeDescriptor { Glibc.close(wakeDescriptor) }
            state.wakeDescriptor = nil
        }
    }
}
