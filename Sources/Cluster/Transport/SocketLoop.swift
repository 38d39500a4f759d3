/// An event loop for ZeroMQ sockets: one thread that owns and polls them, and calls a handler.
///
///     let loop = SocketLoop<ControlHandler>(name: "control", bindPolicy: .loopbackOnly)
///     try await loop.run { sockets in try ControlHandler(sockets) }
public final class SocketLoop<Handler: SocketHandler>: Sendable {
    private let name: String
    private let bindPolicy: BindPolicy
    private let limits: TransportLimits
    private let timings: TransportTimings
    private let tickInterval: Duration
    private let inbox: Inbox<Handler.Posted>

    /// - Parameters:
    ///   - name: the thread's name, and the loop's in errors.
    ///   - tickInterval: between two calls of `SocketHandler.tick`; at least a millisecond.
    public init(
        name: String, bindPolicy: BindPolicy, limits: TransportLimits = .init(), timings: TransportTimings = .init(),
        tickInterval: Duration = .milliseconds(100)
    ) {
        self.name = name
        self.bindPolicy = bindPolicy
        self.limits = limits
        self.timings = timings
        self.tickInterval = max(tickInterval, .milliseconds(1))
        self.inbox = Inbox(capacity: limits.maximumPostedEvents)
    }

    /// Starts the thread, makes the handler on it, and returns when the loop has ended and its sockets are closed.
    /// Throws what `makeHandler` threw, what the handler gave to `Sockets.stop`, or a `TransportError`. Cancelling the
    /// task is the same as `stop()`. A loop runs once.
    public func run(_ makeHandler: @escaping @Sendable (any Sockets) throws -> Handler) async throws {
        guard inbox.claim() else { throw TransportError.alreadyRun(loop: name) }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
                do {
                    try LoopThread.start(name: name) { [self] in
                        ended.resume(with: Result { try runOnThread(makeHandler) })
                    }
                } catch {
                    inbox.close()
                    ended.resume(throwing: error)
                }
            }
        } onCancel: {
            stop()
        }
    }

    /// Hands an event to the handler, from any thread, before or while the loop runs. False, and the event is dropped,
    /// if `TransportLimits.maximumPostedEvents` wait already or the loop is stopping or has ended.
    public func post(_ event: Handler.Posted) -> Bool { inbox.post(event) }

    /// Ends the loop, from any thread: what was posted before is handed out, the handler's `stopping()` is called, the
    /// sockets close and `run` returns.
    public func stop() { inbox.requestStop() }

    private func runOnThread(_ makeHandler: (any Sockets) throws -> Handler) throws {
        defer { inbox.close() }
        let wakeDescriptor = try inbox.open()
        let sockets = try ZeroMQSockets(bindPolicy: bindPolicy, limits: limits, timings: timings)
        var linger = Duration.zero
        defer { sockets.end(linger: linger) }
        let turns = LoopTurns(
            handler: try makeHandler(sockets), sockets: sockets, inbox: inbox, wakeDescriptor: wakeDescriptor,
            tickInterval: tickInterval)
        linger = timings.goodbyeLinger
        try turns.runUntilStopped()
    }
}
