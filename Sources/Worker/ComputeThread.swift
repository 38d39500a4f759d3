import DequeModule
import Foundation
import Wire

/// What the compute thread is asked to do, in order.
enum ComputeJob: Sendable {
    case load(Assignment, epoch: UInt64)
    /// `received`: when it was here, in microseconds of the worker's clock.
    case run(Batch, activations: [UInt8]?, received: UInt64, epoch: UInt64)
    case measure(epoch: UInt64)
    /// A batch is about to come.
    case wake(epoch: UInt64)

    var epoch: UInt64 {
        switch self {
        case .load(_, let epoch), .run(_, _, _, let epoch), .measure(let epoch), .wake(let epoch): epoch
        }
    }
}

/// The thread on which a worker computes, and the queue in front of it.
// @unchecked: everything mutable is touched only with `condition` locked.
final class ComputeThread: @unchecked Sendable {
    /// Batches that may wait; the coordinator keeps fewer under way than there are stages.
    static let queueLimit = 64

    private let condition = NSCondition()
    private var jobs: Deque<ComputeJob> = []
    private var abandoned: Set<UInt64> = []
    private var stopped = false

    /// Starts the thread. `makeHost` runs on it once; the host gets every job there.
    init(name: String, makeHost: @escaping @Sendable () -> ComputeHost) {
        let thread = Thread { [self] in
            let host = makeHost()
            while let (job, isAbandoned) = next() { host.perform(job, isAbandoned: isAbandoned) }
        }
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// False where the queue is full.
    func submit(_ job: ComputeJob) -> Bool {
        let isAccepted = condition.withLock {
            guard jobs.count < Self.queueLimit else { return false }
            jobs.append(job)
            return true
        }
        // Not under the lock, which the thread needs as soon as it wakes.
        condition.signal()
        return isAccepted
    }

    /// Wakes the thread and its team, unless it has work anyway.
    func wake(epoch: UInt64) {
        let isIdle = condition.withLock {
            guard jobs.isEmpty else { return false }
            jobs.append(.wake(epoch: epoch))
            return true
        }
        if isIdle { condition.signal() }
    }

    /// Forgets jobs of other epochs that have not begun.
    func keepOnly(epoch: UInt64) {
        condition.withLock {
            jobs.removeAll { $0.epoch != epoch }
            abandoned = []
        }
    }

    /// These batches are passed on as husks, unless they have begun.
    func abandon(_ batchIDs: [UInt64]) {
        condition.withLock {
            // Bounded: a batch is under way for moments, and its number is never used again in an epoch.
            if abandoned.count > 4_096 { abandoned = [] }
            abandoned.formUnion(batchIDs)
        }
    }

    var queuedCount: Int { condition.withLock { jobs.count } }

    /// Ends the thread after the job it is at.
    func stop() {
        condition.withLock {
            stopped = true
            jobs = []
            condition.signal()
        }
    }

    private func next() -> (ComputeJob, isAbandoned: Bool)? {
        condition.withLock {
            while jobs.isEmpty && !stopped { condition.wait() }
            guard !stopped, let job = jobs.popFirst() else { return nil }
            if case .run(let batch, _, _, _) = job, abandoned.remove(batch.batchID) != nil { return (job, true) }
            return (job, false)
        }
    }
}
