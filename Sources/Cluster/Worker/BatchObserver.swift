import GPT2
import Transport

/// What a worker does while it computes a batch: it serves the stage's links between two layers, and announces the
/// batch to the next stage shortly before its end. It never calls the handler, which is in the middle of the batch.
final class BatchObserver: StageObserver {
    /// Microseconds. A batch that takes less leaves in the caches what the others push out, and is not announced.
    private static let leastAnnounced: UInt64 = 4_000

    private let links: StageLinks
    private let state: StageState
    private let clock: any MonotonicClock
    private var batchID: UInt64 = 0
    // Microseconds.
    private var started: UInt64 = 0

    init(links: StageLinks, state: StageState, clock: any MonotonicClock) {
        self.links = links
        self.state = state
        self.clock = clock
    }

    /// A batch is about to be run.
    func begin(_ batchID: UInt64) {
        self.batchID = batchID
        started = clock.microseconds
        state.note(read: started)
    }

    /// It was run.
    func end() { state.note(read: nil) }

    func partFinished() {
        links.serve()
        state.note(read: clock.microseconds)
    }

    func endIsNear() {
        if clock.microseconds - started >= Self.leastAnnounced { links.announce(batchID) }
    }
}
