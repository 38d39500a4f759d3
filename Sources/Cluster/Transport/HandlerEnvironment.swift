/// All that a handler has of the world outside. It makes no socket, clock or random number itself, so a simulation can
/// give it others.
public struct HandlerEnvironment {
    public let sockets: any Sockets
    public let clock: any MonotonicClock
    /// Where numbers come from that shall differ from run to run.
    public let random: any RandomNumberGenerator

    public init(
        sockets: any Sockets, clock: any MonotonicClock,
        random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        self.sockets = sockets
        self.clock = clock
        self.random = random
    }
}
