extension BindPolicy {
    /// Listens at an address for a moment, so that one that cannot be is known before long work begins.
    /// - Throws: what a bind would.
    public func check(_ endpoint: Endpoint) throws(TransportError) {
        let sockets = try ZeroMQSockets(bindPolicy: self, limits: TransportLimits(), timings: TransportTimings())
        defer { sockets.end(linger: .zero) }
        _ = try sockets.bindPull(endpoint, maximumFrameBytes: nil)
    }
}
