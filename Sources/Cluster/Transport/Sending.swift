import CZeroMQ

extension Sockets {
    /// Sends one message, and never waits: on a ROUTER to the peer of that identity (`Message.peer`), otherwise to the
    /// one the socket is connected to. The frames are copied.
    public func send(_ frames: [[UInt8]], on socket: SocketID, to peer: [UInt8]? = nil) -> SendOutcome {
        guard let open = self[socket] else { return .unreachable }
        guard open.kind.sends, (open.kind == .router) == (peer != nil), allows(frames) else { return .refused }
        let outcome = open.send(peer.map { [$0] + frames } ?? frames)
        if outcome == .full, open.kind.reportsWritable { open.awaitsWritable = true }
        return outcome
    }

    private func allows(_ frames: [[UInt8]]) -> Bool {
        guard !frames.isEmpty, frames.count <= limits.maximumFrames else { return false }
        guard frames.allSatisfy({ $0.count <= limits.maximumFrameBytes }) else { return false }
        // Cannot overflow: an array's count is far below Int.max / maximumFrames.
        return frames.reduce(0) { $0 + $1.count } <= limits.maximumMessageBytes
    }
}

extension OpenSocket {
    /// Sends the parts of one message, on a ROUTER the identity first.
    fileprivate func send(_ parts: [[UInt8]]) -> SendOutcome {
        var outcome = SendOutcome.sent
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            guard let failure = send(part, isLast: isLast) else { continue }
            if outcome == .sent { outcome = failure }
            // Refused at the first part, nothing has begun. Later it means that the connection went away in between:
            // ZeroMQ gave up the message and wants to see its other parts go by.
            if index == 0 { break }
        }
        return outcome
    }

    /// Returns nil if it was sent.
    private func send(_ part: [UInt8], isLast: Bool) -> SendOutcome? {
        let flags = isLast ? ZMQ_DONTWAIT : ZMQ_DONTWAIT | ZMQ_SNDMORE
        while true {
            let sent = part.withUnsafeBytes { zmq_send(pointer, $0.baseAddress, $0.count, flags) }
            if sent >= 0 { return nil }
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return .full
            default: return .unreachable
            }
        }
    }
}
