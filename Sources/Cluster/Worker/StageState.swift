import Messages
import Synchronization

/// State that a worker's two threads share: the one that talks to the coordinator, and the one that computes. Neither
/// ever waits for the other to finish anything.
package final class StageState: Sendable {
    private struct Values {
        var plan: PlanID?
        var cancelled: Set<UInt64> = []
        var traffic = StageTraffic()
        var lastRead: UInt64?
        var dropped: UInt64 = 0
    }

    /// Cancelled batches that have not arrived yet. A batch takes moments to arrive, and its number is not used again
    /// in the same epoch, so old entries may be forgotten.
    private static let cancelledLimit = 4_096
    /// Microseconds. If the data socket was last read longer ago, the counts may be out of date.
    private static let oldestRead: UInt64 = 1_000_000

    private let values = Mutex(Values())

    package init() {}

    // MARK: - From the coordinator

    /// A plan begins; nil: the plan is over and no other has begun.
    package func begin(_ plan: PlanID?) {
        values.withLock { $0 = Values(plan: plan, lastRead: $0.lastRead, dropped: $0.dropped) }
    }

    /// These batches are to be passed on empty, unless they have begun.
    func cancelBatches(_ batchIDs: [UInt64]) {
        values.withLock { values in
            if values.cancelled.count > Self.cancelledLimit { values.cancelled = [] }
            values.cancelled.formUnion(batchIDs)
        }
    }

    /// Nil if the stage has not read its data socket recently: the coordinator would take what waits there for lost.
    /// - Parameter dropped: messages of the control link that were dropped.
    package func report(dropped: UInt64, now: UInt64) -> Statistics? {
        let values = values.withLock { $0 }
        if let time = values.lastRead, now > time + Self.oldestRead { return nil }
        return values.traffic.statistics.report(
            received: values.traffic.received, sent: values.traffic.sent, sentBytes: values.traffic.sentBytes,
            dropped: values.dropped + dropped, queued: values.traffic.queued, now: now)
    }

    // MARK: - For the stage

    func isCurrent(_ plan: PlanID) -> Bool { values.withLock { $0.plan == plan } }

    /// Whether a batch that is about to begin was cancelled.
    func takeCancelled(_ batchID: UInt64, of plan: PlanID) -> Bool {
        values.withLock { $0.plan == plan && $0.cancelled.remove(batchID) != nil }
    }

    /// Changes the counts, unless the plan is over.
    func note(_ plan: PlanID, _ change: (inout StageTraffic) -> Void) {
        values.withLock { values in
            if values.plan == plan { change(&values.traffic) }
        }
    }

    /// When the stage last read its data socket, in microseconds; nil while it computes nothing, and so reads at once.
    func note(read time: UInt64?) { values.withLock { $0.lastRead = time } }

    func note(dropped: UInt64) { values.withLock { $0.dropped = dropped } }
}
