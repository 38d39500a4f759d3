import Messages
import Transport
import Wire

/// The coordinator's end of the link to stage 0: numbers the batches and keeps the one that could not leave yet.
struct FirstStageLink {
    let socket: SocketID
    let incarnation: UInt64
    let epoch: UInt64
    private var sequence: UInt64 = 0
    private var unsent: [[UInt8]]?

    init(socket: SocketID, incarnation: UInt64, epoch: UInt64) {
        self.socket = socket
        self.incarnation = incarnation
        self.epoch = epoch
    }

    var isFree: Bool { unsent == nil }

    /// Sends a batch, or keeps it until the link is writable; returns its number on the link.
    mutating func send(_ batch: Batch, on sockets: any Sockets) -> UInt64 {
        sequence += 1
        let message = WireMessage(
            DataMessage.batch(batch), incarnation: incarnation, epoch: epoch, linkSequence: sequence)
        unsent = message.frames()
        retry(sockets)
        return sequence
    }

    /// Tells stage 0 that a batch follows, where the link takes it at once.
    func announce(on sockets: any Sockets) {
        guard isFree else { return }
        let message = WireMessage(DataMessage.announcement(batchID: nil), incarnation: incarnation, epoch: epoch)
        _ = sockets.send(message.frames(), on: socket)
    }

    /// Sends what is left, where the link takes it.
    mutating func retry(_ sockets: any Sockets) {
        guard let frames = unsent, sockets.send(frames, on: socket) == .sent else { return }
        unsent = nil
    }
}
