import Synchronization
import Wire

/// What a worker's two threads know of each other: the one that talks with the coordinator, and the one that computes,
/// which must not be waited for.
final class StageState: Sendable {
    private struct Values {
        var epoch: UInt64 = 0
        var abandoned: Set<UInt64> = []
        var link = LinkState()
        var statistics = WorkerStatistics()
        var dropped: UInt64 = 0
    }

    /// What has passed the data links since the plan began.
    struct LinkState {
        /// Number of the last message from the stage before.
        var received: UInt64 = 0
        /// The same to the next.
        var sent: UInt64 = 0
        var sentBytes: UInt64 = 0
        /// Batches that wait.
        var queued = 0
    }

    /// Batches given up and not met yet: one is under way for moments, and its number is never used again in an epoch.
    private static let abandonedLimit = 4_096

    private let values = Mutex(Values())

    // MARK: - From the coordinator

    /// A plan begins; 0: there is none.
    func begin(epoch: UInt64) {
        values.withLock { $0 = Values(epoch: epoch, dropped: $0.dropped) }
    }

    /// These batches are passed on as husks, unless they have begun.
    func abandon(_ batchIDs: [UInt64]) {
        values.withLock { values in
            if values.abandoned.count > Self.abandonedLimit { values.abandoned = [] }
            values.abandoned.formUnion(batchIDs)
        }
    }

    /// - Parameter dropped: messages of the control link.
    func report(dropped: UInt64, now: UInt64) -> Statistics {
        values.withLock { values in
            values.statistics.report(
                received: values.link.received, sent: values.link.sent, sentBytes: values.link.sentBytes,
                dropped: values.dropped + dropped, queued: values.link.queued, now: now)
        }
    }

    // MARK: - For the stage

    func isCurrent(_ epoch: UInt64) -> Bool { values.withLock { $0.epoch == epoch } }

    /// Whether a batch that is about to begin was given up.
    func takeAbandoned(_ batchID: UInt64) -> Bool { values.withLock { $0.abandoned.remove(batchID) != nil } }

    /// Changes what is known of the stage, unless its plan is over.
    func note(epoch: UInt64, _ change: (inout WorkerStatistics, inout LinkState) -> Void) {
        values.withLock { values in
            guard values.epoch == epoch else { return }
            change(&values.statistics, &values.link)
        }
    }

    func note(dropped: UInt64) { values.withLock { $0.dropped = dropped } }
}
