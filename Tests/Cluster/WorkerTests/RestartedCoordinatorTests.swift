import Dispatch
import Messages
import Testing
import Transport
import Wire
import Worker

@Suite("A coordinator that starts again counts its plans from 1")
struct RestartedCoordinatorTests {
    @Test("a plan that it made before is not taken for the one it makes now")
    func samePlanNumber() async throws {
        let (messages, continuation) = AsyncStream.makeStream(of: WireMessage<ControlMessage>.self)
        // Holds the first plan's layers up until the second plan is on its way.
        let gate = DispatchSemaphore(value: 0)
        let coordinator = SocketLoop<RestartingCoordinator>(name: "coordinator", bindPolicy: .loopbackOnly)
        let answer = try await withWorker(of: coordinator) {
            try RestartingCoordinator($0, gate) { continuation.yield($0) }
        } configure: {
            $0.loading = { _, _ in
                _ = coordinator.post(.loadingBegan)
                _ = gate.wait(timeout: .now() + .seconds(20))
                gate.signal()
            }
        } during: {
            var answers = messages.makeAsyncIterator()
            return try #require(await answers.next())
        }
        #expect(answer.incarnation == 10 && answer.epoch == 1)
        guard case .ready(let ready) = answer.body else {
            Issue.record("not ready, but \(answer.body)")
            return
        }
        #expect(ready.digests.map(\.group) == ["layer 6", "layer 7", "head"])
    }
}

/// Gives a worker a plan, says goodbye when its layers are being loaded, and gives it another as its next life.
private final class RestartingCoordinator: TestCoordinator {
    enum Posted: Sendable {
        case loadingBegan
    }

    let control: Endpoint
    private let sockets: any Sockets
    private let router: SocketID
    private let successor: Endpoint
    private let gate: DispatchSemaphore
    private let arrived: (WireMessage<ControlMessage>) -> Void
    private var incarnation: UInt64 = 9
    private var worker: [UInt8]?
    private var ticksOfSecondPlan: Int?

    init(_ sockets: any Sockets, _ gate: DispatchSemaphore, arrived: @escaping (WireMessage<ControlMessage>) -> Void)
        throws
    {
        self.sockets = sockets
        self.gate = gate
        self.arrived = arrived
        let local = try Endpoint("tcp://127.0.0.1:0")
        (router, control) = try sockets.bindRouter(local)
        successor = try sockets.bindPull(local).1
    }

    func received(_ message: Message, on socket: SocketID) {
        guard let wire = try? WireMessage<ControlMessage>(frames: message.frames) else { return }
        switch wire.body {
        case .hello:
            send(.welcome(Welcome(heartbeatMilliseconds: 1_000, version: 1, workerID: [1])), epoch: 0, message.peer)
            let isFirst = incarnation == 9
            send(.assignment(assignment(isFirst ? 0..<2 : 6..<8)), epoch: 1, message.peer)
            if isFirst { worker = message.peer } else { ticksOfSecondPlan = 0 }
        case .heartbeat, .bye: break
        default: arrived(wire)
        }
    }

    func posted(_ event: Posted) {
        guard incarnation == 9 else { return }
        send(.bye(reason: nil), epoch: 0, worker)
        incarnation = 10
    }

    /// Lets the first plan's layers go on when the second plan has had time to arrive.
    func tick(now: ContinuousClock.Instant) {
        guard let ticks = ticksOfSecondPlan else { return }
        ticksOfSecondPlan = ticks + 1
        if ticks == 3 { gate.signal() }
    }

    private func assignment(_ layers: Range<UInt32>) -> Assignment {
        Assignment(
            stage: 0, stageCount: 2, firstLayer: layers.lowerBound, layerCount: UInt32(layers.count), blockCount: 64,
            successor: successor.description
        ) {
            $0.weightType = .f32
            $0.cacheType = .f32
            $0.activationType = .f32
        }
    }

    private func send(_ body: ControlMessage, epoch: UInt64, _ peer: [UInt8]?) {
        _ = sockets.send(
            WireMessage(body, incarnation: incarnation, epoch: epoch).frames(), on: router, to: peer)
    }
}
