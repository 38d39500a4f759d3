/// A protocol that runs on a loop's thread. The loop creates and calls it only there, so it needs no locks. Only
/// `work()` may take long: all sockets of the loop wait meanwhile.
public protocol SocketHandler: AnyObject, SendableMetatype {
    /// Events that other threads give to `SocketLoop.post`.
    associatedtype Posted: Sendable

    /// Once, before anything else.
    func started()
    /// A message came in.
    func received(_ message: Message, on socket: SocketID)
    /// A DEALER or PUSH whose last send was `.full` takes messages again. Once for each such send, or for several.
    func writable(_ socket: SocketID)
    /// An event from `SocketLoop.post`; those of one thread come in the order in which they were posted.
    func posted(_ event: Posted)
    /// Every `tickInterval`; missed ticks are skipped.
    func tick(now: ContinuousClock.Instant)
    /// At the end of each turn of the loop: the place for a piece of work that takes long. Returns true if there is
    /// more; the loop then polls its sockets without waiting, and calls again.
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
