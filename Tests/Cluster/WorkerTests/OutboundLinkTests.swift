import Messages
import Testing
import Transport
import Wire
import Worker

@Suite("A stage's link to the next one")
struct OutboundLinkTests {
    @Test("messages are numbered from 1 and arrive in order, those too that came before there was a connection")
    func order() async throws {
        let (received, continuation) = AsyncStream.makeStream(of: [WireMessage<DataMessage>].self)
        let loop = SocketLoop<LinkEnds>(name: "link", bindPolicy: .loopbackOnly)
        try await loop.run { sockets in try LinkEnds(sockets) { continuation.yield($0) } }
        var all: [WireMessage<DataMessage>] = []
        for await messages in received {
            all = messages
            break
        }
        #expect(all.map(\.linkSequence) == (1...20).map { $0 })
        #expect(all.allSatisfy { $0.incarnation == 9 && $0.epoch == 3 })
        let shape = ActivationShape(rows: 1, width: 1, type: .f32)
        for (number, message) in all.enumerated() {
            #expect(message.body == .batch(Batch(batchID: UInt64(number), activations: shape)))
            #expect(message.tensors == [[0, 0, 0, UInt8(number)]])
        }
    }
}

/// Both ends of a link on one loop, which ends when all has arrived.
private final class LinkEnds: SocketHandler {
    typealias Posted = Never

    private let sockets: any Sockets
    private var link: OutboundLink
    private var messages: [WireMessage<DataMessage>] = []
    private let arrived: ([WireMessage<DataMessage>]) -> Void

    init(_ sockets: any Sockets, arrived: @escaping ([WireMessage<DataMessage>]) -> Void) throws {
        self.sockets = sockets
        self.arrived = arrived
        let (_, endpoint) = try sockets.bindPull(try Endpoint("tcp://127.0.0.1:0"))
        link = OutboundLink(socket: try sockets.connectPush(endpoint), plan: PlanID(incarnation: 9, epoch: 3))
    }

    func started() {
        let shape = ActivationShape(rows: 1, width: 1, type: .f32)
        for number in UInt8(0)..<20 {
            let batch = Batch(batchID: UInt64(number), activations: shape)
            link.send(.batch(batch), tensors: [[0, 0, 0, number]], on: sockets)
        }
    }

    func writable(_ socket: SocketID) { link.retry(sockets) }

    func received(_ message: Message, on socket: SocketID) {
        if let message = try? WireMessage<DataMessage>(frames: message.frames) { messages.append(message) }
        guard messages.count == 20 else { return }
        arrived(messages)
        sockets.stop()
    }

    func posted(_ event: Never) {}
}
