import Messages
import Synchronization

/// What a worker's two threads know of each other: the one that talks with the coordinator, and the one that computes,
/// which must not be waited for.
package final class StageState: Sendable {
    private struct Values {
        var plan: PlanID?
        var cancelled: Set<UInt64> = []
        var traffic = StageTraffic()
        var lastLook: UInt64?
        var dropped: UInt64 = 0
    }

    /// Cancelled batches that have not arrived yet: one is under way for moments, and its number is never used again in an epoch.
    private static let cancelledLimit = 4_096
    /// Microseconds. What has come since an older look may be more than is known.
    private static let oldestLook: UInt64 = 1_000_000

    private let values = Mutex(Values())

    package init() {}

    // MARK: - From the coordinator

    /// A plan begins; nil: there is none.
    func begin(_ plan: PlanID?) {
        values.withLock { $0 = Values(plan: plan, lastLook: $0.lastLook, dropped: $0.dropped) }
    }

    /// These batches are passed on empty, unless they have begun.
    func cancelBatches(_ batchIDs: [UInt64]) {
        values.withLock { values in
            if values.cancelled.count > Self.cancelledLimit { values.cancelled = [] }
            values.cancelled.formUnion(batchIDs)
        }
    }

    /// Nil where the stage has not looked for long what has come: the coordinator would take that for lost.
    /// - Parameter dropped: messages of the control link.
    func report(dropped: UInt64, now: UInt64) -> Statistics? {
        let values = values.withLock { $0 }
        if let look = values.lastLook, now > look + Self.oldestLook { return nil }
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

    /// For a plan that is over nothing is counted.
    func note(_ plan: PlanID, _ change: (inout StageTraffic) -> Void) {
        values.withLock { values in
            if values.plan == plan { change(&values.traffic) }
        }
    }

    /// When the stage last looked what has come; nil while it does nothing else.
    func note(look: UInt64?) { values.withLock { $0.lastLook = look } }

    func note(dropped: UInt64) { values.withLock { $0.dropped = dropped } }
}
