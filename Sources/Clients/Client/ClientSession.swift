import Messages
import Sessions
import Transport
import Wire

/// A connection to a coordinator.
public final class ClientSession: ClusterService {
    private let table: RequestTable
    private let loop: SocketLoop<ClientHandler>
    private let running: Task<Void, Never>

    /// Dials at once. Where no coordinator answers within 4 seconds, every request fails with ``ClientError``; so it does
    /// when the coordinator is lost.
    public init(_ endpoint: Endpoint) {
        let loop = SocketLoop<ClientHandler>(name: "client", bindPolicy: .loopbackOnly)
        let table = RequestTable { request in _ = loop.post(request) }
        self.loop = loop
        self.table = table
        running = Task {
            do {
                try await endpoint.checkResolves()
                try await loop.run { sockets in
                    try ClientHandler(
                        HandlerEnvironment(sockets: sockets, clock: SystemClock()), endpoint: endpoint,
                        deliver: table.deliver)
                }
                table.finish(nil)
            } catch {
                table.finish(error)
            }
        }
    }

    deinit { loop.stop() }

    public func generate(_ request: Generate) -> ReplyStream<GenerationEvent> { table.generate(request) }

    public func score(_ request: Score) -> ReplyStream<ScoreEvent> { table.score(request) }

    public func tokenize(_ prompt: Prompt) async throws -> Tokenized { try await table.tokenize(prompt) }

    public func detokenize(_ tokens: [Int32]) async throws -> [UInt8] { try await table.detokenize(tokens) }

    public func status() async throws -> Status {
        try await table.ask {
            .statusRequest(requestID: $0)
        } answer: { reply in
            if case .status(let status) = reply { status } else { nil }
        }
    }

    public func trace(after: UInt64) async throws -> Trace {
        try await table.ask {
            .traceRequest(requestID: $0, after: after)
        } answer: { reply in
            if case .trace(let trace) = reply { trace } else { nil }
        }
    }

    public func close() async {
        loop.stop()
        await running.value
    }

    /// Asks a coordinator for its status, once, on a connection of its own.
    /// - Throws: `RequestError`, ``ClientError``, `CancellationError`.
    public static func status(of endpoint: Endpoint) async throws -> Status {
        let session = ClientSession(endpoint)
        do {
            let status = try await session.status()
            await session.close()
            return status
        } catch {
            await session.close()
            throw error
        }
    }
}
