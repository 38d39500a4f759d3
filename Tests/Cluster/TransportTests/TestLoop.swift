import Testing
import Transport

/// What a test's handler reports, in the order it happened.
enum Event: Sendable {
    case started
    case received(Message, SocketID)
    case writable(SocketID)
    case tick
    case stopping
}

/// A handler that reports what happens, and runs on its thread what a test posts.
final class ScriptedHandler: SocketHandler {
    typealias Posted = @Sendable (ScriptedHandler) -> Void

    let sockets: any Sockets
    var onStarted: (any Sockets) -> Void = { _ in }
    var onStopping: (any Sockets) -> Void = { _ in }
    private let events: AsyncStream<Event>.Continuation

    init(_ sockets: any Sockets, reportingTo events: AsyncStream<Event>.Continuation) {
        self.sockets = sockets
        self.events = events
    }

    func started() {
        events.yield(.started)
        onStarted(sockets)
    }
    func received(_ message: Message, on socket: SocketID) { events.yield(.received(message, socket)) }
    func writable(_ socket: SocketID) { events.yield(.writable(socket)) }
    func posted(_ event: Posted) { event(self) }
    func tick(now: ContinuousClock.Instant) { events.yield(.tick) }
    func stopping() {
        events.yield(.stopping)
        onStopping(sockets)
    }
}

/// A running loop with a scripted handler.
final class TestLoop: Sendable {
    let loop: SocketLoop<ScriptedHandler>
    let events: AsyncStream<Event>
    private let running: Task<Void, any Error>

    init(
        _ name: String = "test", bindPolicy: BindPolicy = .loopbackOnly, limits: TransportLimits = .init(),
        timings: TransportTimings = .init(), tickInterval: Duration = .milliseconds(100)
    ) {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let loop = SocketLoop<ScriptedHandler>(
            name: name, bindPolicy: bindPolicy, limits: limits, timings: timings, tickInterval: tickInterval)
        self.loop = loop
        self.events = events
        running = Task {
            defer { continuation.finish() }
            try await loop.run { sockets in ScriptedHandler(sockets, reportingTo: continuation) }
        }
    }

    /// Runs `body` on the loop's thread.
    @discardableResult
    func on<Result: Sendable>(_ body: @escaping @Sendable (any Sockets) throws -> Result) async throws -> Result {
        try await handler { try body($0.sockets) }
    }

    /// Runs `body` with the handler on the loop's thread.
    @discardableResult
    func handler<Result: Sendable>(
        _ body: @escaping @Sendable (ScriptedHandler) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Result, any Error>) in
            let isPosted = loop.post { handler in done.resume(with: Swift.Result { try body(handler) }) }
            if !isPosted { done.resume(throwing: LoopIsGone()) }
        }
    }

    /// Waits for the next message; nil when the loop has ended.
    func message() async -> (Message, SocketID)? {
        for await case .received(let message, let socket) in events { return (message, socket) }
        return nil
    }

    /// Waits for the next message that starts with this frame, past all others.
    @discardableResult
    func message(startingWith frame: [UInt8]) async -> Message? {
        while let (message, _) = await message() {
            if message.frames.first == frame { return message }
        }
        return nil
    }

    /// Sends as soon as the socket takes it.
    func send(_ frames: [[UInt8]], on socket: SocketID) async throws {
        while true {
            let outcome = try await on { $0.send(frames, on: socket) }
            guard outcome == .full else {
                try #require(outcome == .sent)
                return
            }
            for await case .writable(let writable) in events where writable == socket { break }
        }
    }

    /// Waits for the end of the loop, and throws what it ended with.
    func ended() async throws { try await running.value }

    func stop() async throws {
        loop.stop()
        try await ended()
    }
}

struct LoopIsGone: Error {}

/// An error for loops to be stopped with.
struct Planned: Error, Equatable {
    var number: Int
}

let anyLocalPort = "tcp://127.0.0.1:0"

extension [UInt8] {
    init(_ text: String) { self = Array(text.utf8) }

    /// A number as eight bytes, for messages whose order is checked.
    init(number: Int) { self = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
}
