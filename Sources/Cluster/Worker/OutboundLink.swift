import DequeModule
import Messages
import Transport
import Wire

/// A stage's end of the link to the next one: numbers the messages, and keeps those that could not leave yet, in order.
package struct OutboundLink {
    package let socket: SocketID
    private let plan: PlanID
    /// Number of the last message handed to the link.
    package private(set) var sequence: UInt64 = 0
    /// Of all messages handed to the link.
    package private(set) var byteCount: UInt64 = 0
    // Bounded by the batches that the coordinator has in flight.
    private var unsent: Deque<[[UInt8]]> = []

    package init(socket: SocketID, plan: PlanID) {
        self.socket = socket
        self.plan = plan
    }

    package mutating func send(_ body: DataMessage, tensors: [[UInt8]], on sockets: any Sockets) {
        sequence += 1
        let message = WireMessage(
            body, incarnation: plan.incarnation, epoch: plan.epoch, linkSequence: sequence, tensors: tensors)
        let frames = message.frames()
        byteCount += UInt64(frames.reduce(0) { $0 + $1.count })
        unsent.append(frames)
        retry(sockets)
    }

    /// Tells the next one that a batch follows, where the link takes it at once.
    package func announce(_ batchID: UInt64, on sockets: any Sockets) {
        guard unsent.isEmpty else { return }
        let message = WireMessage(
            DataMessage.announcement(batchID: batchID), incarnation: plan.incarnation, epoch: plan.epoch)
        _ = sockets.send(message.frames(), on: socket)
    }

    /// Sends what is left, while the link takes it.
    package mutating func retry(_ sockets: any Sockets) {
        while let next = unsent.first, sockets.send(next, on: socket) == .sent { unsent.removeFirst() }
    }
}
