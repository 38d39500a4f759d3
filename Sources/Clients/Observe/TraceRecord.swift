import Messages

extension TraceRecord {
    /// What a batch does, in a word.
    var kind: String {
        if promptRows == 0 { return "decode" }
        return decodeRows == 0 ? "prefill" : "mixed"
    }

    /// Mean of the ways from the coordinator through all stages and back; nil where a stage did not say.
    package var wayMicroseconds: Double? {
        guard !timings.isEmpty else { return nil }
        let inside = timings.reduce(0.0) { $0 + Double($1.endedMicroseconds) - Double($1.receivedMicroseconds) }
        let whole = Double(receivedMicroseconds) - Double(sentMicroseconds)
        return max(0, whole - inside) / Double(timings.count + 1)
    }
}
