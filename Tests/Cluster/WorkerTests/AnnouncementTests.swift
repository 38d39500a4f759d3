import GPT2
import Messages
import StageExecution
import Testing
import Transport
import Wire
import Worker

@Suite("What a stage says before a batch is done")
struct AnnouncementTests {
    @Test("nearly at the end it calls once, whether and however many logits are wanted")
    func once() throws {
        let prompt = Slice.prompt(1, Models.tokens(75))
        let targets = Models.tokens(70, from: 3)
        for (layers, slice) in [
            (0..<3, prompt), (0..<8, prompt), (0..<8, prompt.sampling()), (0..<8, prompt.scoring(targets)),
        ] {
            let observer = CountingObserver()
            let executor = StageExecutor(stage: try Models.stage(layers), observer: observer)
            _ = try executor.run(Batch(batchID: 5, slices: [slice]), activations: nil)
            #expect(observer.partsAtCalls.count == 1)
            #expect(observer.partsAtCalls.allSatisfy { $0 >= layers.count - 1 })
            #expect(observer.parts >= layers.count)
        }
    }

    @Test("a batch that takes its time is announced to the next stage, outside the count of the link's messages")
    func onTheWire() async throws {
        let (received, continuation) = AsyncStream.makeStream(of: WireMessage<DataMessage>.self)
        let batches = [1, 2].map { id in
            Batch(batchID: id, slices: [.prompt(id, Models.tokens(500))])
        }
        let coordinator = SocketLoop<FakeCoordinator>(name: "coordinator", bindPolicy: .loopbackOnly)
        let messages = try await withWorker(of: coordinator) {
            try FakeCoordinator($0, batches) { continuation.yield($0) }
        } during: {
            var messages: [WireMessage<DataMessage>] = []
            for await message in received {
                messages.append(message)
                if messages.count == 4 { break }
            }
            return messages
        }
        #expect(messages.map(\.linkSequence) == [nil, 1, nil, 2])
        #expect(messages.map(\.epoch) == [1, 1, 1, 1])
        #expect(messages[0].body == .announcement(batchID: 1))
        #expect(messages[2].body == .announcement(batchID: 2))
    }
}

/// Counts what it hears.
private final class CountingObserver: StageObserver {
    private(set) var parts = 0
    /// How many were finished each time that the end was near.
    private(set) var partsAtCalls: [Int] = []

    func partFinished() { parts += 1 }

    func endIsNear() { partsAtCalls.append(parts) }
}

/// Takes a worker in as stage 0 of 2, announces batches to it and sends them, and hands over what it sends to stage 1.
private final class FakeCoordinator: TestCoordinator {
    typealias Posted = Never

    let control: Endpoint
    private let sockets: any Sockets
    private let router: SocketID
    private let next: SocketID
    private let nextEndpoint: Endpoint
    private let batches: [Batch]
    private let arrived: (WireMessage<DataMessage>) -> Void
    private var stage: SocketID?
    private var stageEndpoint = ""
    private var sent = 0

    init(_ sockets: any Sockets, _ batches: [Batch], arrived: @escaping (WireMessage<DataMessage>) -> Void) throws {
        self.sockets = sockets
        self.batches = batches
        self.arrived = arrived
        let local = try Endpoint("tcp://127.0.0.1:0")
        (router, control) = try sockets.bindRouter(local)
        (next, nextEndpoint) = try sockets.bindPull(local)
    }

    func received(_ message: Message, on socket: SocketID) {
        if socket == next {
            if let wire = try? WireMessage<DataMessage>(frames: message.frames) { arrived(wire) }
            return
        }
        guard let wire = try? WireMessage<ControlMessage>(frames: message.frames) else { return }
        switch wire.body {
        case .hello(let hello):
            stageEndpoint = hello.dataEndpoint
            send(.welcome(Welcome(heartbeatMilliseconds: 1_000, version: 1, workerID: [1])), epoch: 0, message.peer)
            send(
                .assignment(
                    Assignment(
                        stage: 0, stageCount: 2, firstLayer: 0, layerCount: 7, blockCount: 64,
                        successor: nextEndpoint.description
                    ) {
                        $0.weightType = .f32
                        $0.cacheType = .f32
                        $0.activationType = .f32
                    }),
                epoch: 1, message.peer)
        case .ready:
            guard let endpoint = try? Endpoint(stageEndpoint) else { return }
            stage = try? sockets.connectPush(endpoint)
            sendRest()
        default: break
        }
    }

    func writable(_ socket: SocketID) { sendRest() }
    func posted(_ event: Never) {}

    private func sendRest() {
        guard let stage else { return }
        let announcement = WireMessage(DataMessage.announcement(batchID: nil), incarnation: 9, epoch: 1)
        while sent < batches.count, sockets.send(announcement.frames(), on: stage) == .sent {
            let batch = WireMessage(
                DataMessage.batch(batches[sent]), incarnation: 9, epoch: 1, linkSequence: UInt64(sent + 1))
            guard sockets.send(batch.frames(), on: stage) == .sent else { return }
            sent += 1
        }
    }

    private func send(_ body: ControlMessage, epoch: UInt64, _ peer: [UInt8]?) {
        _ = sockets.send(WireMessage(body, incarnation: 9, epoch: epoch).frames(), on: router, to: peer)
    }
}
