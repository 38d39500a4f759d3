import DequeModule
import Messages
import Wire

/// A batch that has come and is not begun.
struct WaitingBatch {
    let batch: Batch
    let activations: [UInt8]?
    /// Microseconds of the worker's clock.
    let arrived: UInt64
}

/// Why a message from the stage before is not taken.
enum InboundError: Error {
    /// It is none of this link's; it is dropped.
    case foreign(String)
    /// The link has failed, and the plan with it.
    case failed(String)
}

/// A stage's end of the link from the one before: checks the numbers of its messages, and keeps the batches in order.
struct InboundLink {
    /// Batches that may wait; the coordinator has fewer in flight than this.
    private static let queueLimit = 64

    let plan: PlanID
    /// Number of the last message.
    private(set) var sequence: UInt64 = 0
    private var waiting: Deque<WaitingBatch> = []

    init(plan: PlanID) { self.plan = plan }

    /// Batches that wait.
    var count: Int { waiting.count }

    /// Takes a message; returns whether it was a batch.
    /// - Parameter arrived: microseconds.
    mutating func take(_ wire: WireMessage<DataMessage>, arrived: UInt64) throws(InboundError) -> Bool {
        guard wire.incarnation == plan.incarnation, wire.epoch == plan.epoch else { throw .foreign(Self.otherEpoch) }
        if case .announcement = wire.body { return false }
        guard case .batch(let batch) = wire.body else { throw .foreign("not a batch") }
        guard let number = wire.linkSequence, number == sequence + 1 else {
            throw .failed("the link to it lost a message")
        }
        sequence = number
        guard waiting.count < Self.queueLimit else { throw .failed("more than \(Self.queueLimit) batches wait") }
        waiting.append(WaitingBatch(batch: batch, activations: wire.tensors.first, arrived: arrived))
        return true
    }

    /// The batch that has waited longest.
    mutating func next() -> WaitingBatch? { waiting.popFirst() }

    mutating func removeAll() { waiting = [] }

    static let otherEpoch = "a batch of another epoch"
}
