import CZeroMQ

extension OpenSocket {
    /// Sends the parts of one message, on a ROUTER the identity first.
    func send(_ parts: [[UInt8]]) -> SendOutcome {
        var outcome = SendOutcome.sent
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            guard let failure = send(part, isLast: isLast) else { continue }
            if outcome == .sent { outcome = failure }
            // If the first part is refused, nothing was sent. If a later one is, the connection was lost in between:
            // ZeroMQ has dropped the message, and still expects the rest of its parts.
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

extension TransportLimits {
    /// Whether a message of these frames may be sent.
    func allow(_ frames: [[UInt8]]) -> Bool {
        guard !frames.isEmpty, frames.count <= maximumFrames else { return false }
        guard frames.allSatisfy({ $0.count <= maximumFrameBytes }) else { return false }
        // Cannot overflow: an array's count is far below Int.max / maximumFrames.
        return frames.reduce(0) { $0 + $1.count } <= maximumMessageBytes
    }
}
