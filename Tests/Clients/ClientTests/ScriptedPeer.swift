import Client
import Messages
import Synchronization
import Testing
import Transport
import Wire

/// Plays a coordinator by a script: a ROUTER on loopback that answers what a client says as it is told.
final class ScriptedPeer: SocketHandler {
    /// What it is to be answered to a request.
    typealias Script = @Sendable (ClientRequest) -> [ClientReply]

    enum Posted: Sendable {
        case reply(ClientReply)
        /// As another life of the coordinator would.
        case replyOfAnotherLife(ClientReply)
        /// Nothing is answered any more, heartbeats neither.
        case fallSilent
    }

    private let sockets: any Sockets
    private let router: SocketID
    private let record: PeerRecord
    private let script: Script
    private var client: [UInt8]?
    private var isSilent = false

    init(_ sockets: any Sockets, _ record: PeerRecord, listening: (Endpoint) -> Void, script: @escaping Script) throws {
        (self.sockets, self.record, self.script) = (sockets, record, script)
        let endpoint: Endpoint
        (router, endpoint) = try sockets.bindRouter(try Endpoint("tcp://127.0.0.1:0"))
        listening(endpoint)
    }

    func received(_ message: Message, on socket: SocketID) {
        guard let wire = try? WireMessage<ClientRequest>(frames: message.frames) else { return }
        client = message.peer
        switch wire.body {
        case .heartbeat: if !isSilent { send(.heartbeat(Heartbeat())) }
        default:
            record.append(wire.body)
            for reply in script(wire.body) { send(reply) }
        }
    }

    func posted(_ event: Posted) {
        switch event {
        case .reply(let reply): send(reply)
        case .replyOfAnotherLife(let reply): send(reply, incarnation: 2)
        case .fallSilent: isSilent = true
        }
    }

    private func send(_ reply: ClientReply, incarnation: UInt64 = 1) {
        _ = sockets.send(WireMessage(reply, incarnation: incarnation).frames(), on: router, to: client)
    }
}

/// What a client said, but for its heartbeats.
final class PeerRecord: Sendable {
    private let requests = Mutex<[ClientRequest]>([])

    func append(_ request: ClientRequest) { requests.withLock { $0.append(request) } }

    /// Without the lists of running requests, which come every second.
    var all: [ClientRequest] {
        requests.withLock { requests in
            requests.filter { if case .waiting = $0 { false } else { true } }
        }
    }

    /// Waits until the client has said this so many times, for 30 seconds at most.
    func wait(for request: ClientRequest, times: Int = 1) async throws {
        func isComplete() -> Bool { all.count { $0 == request } >= times }
        for _ in 0..<3_000 where !isComplete() { try await Task.sleep(for: .milliseconds(10)) }
        try #require(isComplete(), "the client did not say \(request)")
    }
}

/// Connects a session to a scripted peer while `body` lasts.
func withPeer(
    _ script: @escaping ScriptedPeer.Script = { _ in [] },
    _ body: (ClientSession, SocketLoop<ScriptedPeer>, PeerRecord) async throws -> Void
) async throws {
    let loop = SocketLoop<ScriptedPeer>(name: "peer", bindPolicy: .loopbackOnly)
    let record = PeerRecord()
    let (endpoints, continuation) = AsyncStream.makeStream(of: Endpoint.self)
    let running = Task {
        try await loop.run { sockets in
            try ScriptedPeer(sockets, record, listening: { continuation.yield($0) }, script: script)
        }
    }
    var iterator = endpoints.makeAsyncIterator()
    let session = ClientSession(try #require(await iterator.next()))
    let result: Result<Void, any Error>
    do {
        result = .success(try await body(session, loop, record))
    } catch {
        result = .failure(error)
    }
    await session.close()
    loop.stop()
    try await running.value
    try result.get()
}
