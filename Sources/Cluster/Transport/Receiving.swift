import CZeroMQ

/// What came out of a socket.
enum Received {
    case message(Message)
    case tooManyFrames
    case tooManyBytes
    /// An identity with nothing behind it.
    case empty
}

extension OpenSocket {
    /// Takes one whole message out of the socket, and keeps no more of it than the limits allow; nil if there is none.
    /// ZeroMQ hands over the parts of a message together, so once the first is there, so are the others.
    func receive(limits: TransportLimits) -> Received? {
        zmq_msg_init(incoming)
        defer { zmq_msg_close(incoming) }

        guard receivePart() else { return nil }
        var message = Message(frames: [])
        if kind == .router {
            message.peer = bytesOfPart()
            guard zmq_msg_more(incoming) != 0, receivePart() else { return .empty }
        }
        // Not of the identity: ZeroMQ makes that part itself, without the sender's address.
        message.senderAddress = senderAddressOfPart()

        var bytes = zmq_msg_size(incoming)
        while message.frames.count < limits.maximumFrames, bytes <= limits.maximumMessageBytes {
            message.frames.append(bytesOfPart())
            guard zmq_msg_more(incoming) != 0, receivePart() else { return .message(message) }
            bytes += zmq_msg_size(incoming)
        }
        let excess: Received = bytes > limits.maximumMessageBytes ? .tooManyBytes : .tooManyFrames
        while zmq_msg_more(incoming) != 0, receivePart() {}
        return excess
    }

    /// Takes the next part into `incoming`, in place of the one before.
    private func receivePart() -> Bool {
        while zmq_msg_recv(incoming, pointer, ZMQ_DONTWAIT) < 0 {
            guard zmq_errno() == EINTR else { return false }
        }
        return true
    }

    private func bytesOfPart() -> [UInt8] {
        guard let data = zmq_msg_data(incoming) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: data, count: zmq_msg_size(incoming)))
    }

    private func senderAddressOfPart() -> String? { zmq_msg_gets(incoming, "Peer-Address").map { String(cString: $0) } }
}
