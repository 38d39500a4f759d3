import Messages
import Sessions
import Transport
import Wire

/// A connection to a coordinator.
public final class ClusterChannel: RequestChannel {
    /// Replies that may wait for their reader; more than any credit given.
    private static let repliesInWaiting = 4_096

    public let replies: AsyncThrowingStream<ClientReply, any Error>
    private let loop: SocketLoop<ClientHandler>
    private let running: Task<Void, Never>

    /// Dials at once. Where no coordinator answers within 4 seconds, ``replies`` ends with ``ClientError``.
    public init(_ endpoint: Endpoint) {
        let (replies, continuation) = AsyncThrowingStream<ClientReply, any Error>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.repliesInWaiting))
        let loop = SocketLoop<ClientHandler>(name: "client", bindPolicy: .loopbackOnly)
        self.replies = replies
        self.loop = loop
        running = Task {
            do {
                try await loop.run { sockets in
                    try ClientHandler(
                        HandlerEnvironment(sockets: sockets, clock: SystemClock()), endpoint: endpoint
                    ) { body in
                        if case .enqueued = continuation.yield(body) { return true }
                        return false
                    }
                }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
    }

    public func send(_ body: ClientRequest) { _ = loop.post(body) }

    public func close() async {
        loop.stop()
        await running.value
    }
}
