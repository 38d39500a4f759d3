/// What a handler is given of the world outside. No handler creates a socket, a clock or a random number itself, so a
/// simulation can provide its own.
public struct HandlerEnvironment {
    public let sockets: any Sockets
    public let clock: any MonotonicClock
    /// The source of numbers that must differ from run to run.
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
