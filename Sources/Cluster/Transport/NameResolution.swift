extension Endpoint {
    /// Throws `TransportError.unresolved` where the host is a name that the system's resolver does not know, or not
    /// within `limit`. Without this a socket would dial in silence until the name is known.
    public func checkResolves(within limit: Duration = .seconds(5)) async throws(TransportError) {
        guard host != "*", host != Self.localName, IPAddress(host) == nil else { return }
        let (answers, continuation) = AsyncStream.makeStream(of: Bool.self)
        try LoopThread.start(name: "resolver") { [host] in
            continuation.yield(!IPAddress.lookUp(host).isEmpty)
            continuation.finish()
        }
        let timer = Task {
            try? await Task.sleep(for: limit)
            continuation.finish()
        }
        defer { timer.cancel() }
        for await isKnown in answers {
            if isKnown { return }
            throw .unresolved(self, reason: "the name \(host) does not resolve")
        }
        throw .unresolved(self, reason: "the name \(host) did not resolve within \(limit.components.seconds) s")
    }
}
