/// What runs on a loop's thread. The loop makes it there and calls it only there, so it needs no locks; nothing it does
/// but `work()` may take long, for all sockets of the loop wait meanwhile.
public protocol SocketHandler: AnyObject, SendableMetatype {
    /// What other threads hand to the handler with `SocketLoop.post`.
    associatedtype Posted: Sendable

    /// Once, before anything else.
    func started()
    /// A message came in.
    func received(_ message: Message, on socket: SocketID)
    /// A DEALER or PUSH whose last send was `.full` takes messages again. Once for each such send, or for several.
    func writable(_ socket: SocketID)
    /// An event from `SocketLoop.post`; those of one thread in the order of their posting.
    func posted(_ event: Posted)
    /// Every `tickInterval`; late ticks are left out, not made up for.
    func tick(now: ContinuousClock.Instant)
    /// After what a turn of the loop brought was handed out: the place for a piece of work that takes long. True: there is
    /// more, so the loop only looks at its sockets and calls again.
    func work() -> Bool
    /// Once, before the sockets close: the last chance to send goodbyes.
    func stopping()
}

extension SocketHandler {
    public func started() {}
    public func writable(_ socket: SocketID) {}
    public func tick(now: ContinuousClock.Instant) {}
    public func work() -> Bool { false }
    public func stopping() {}
}
