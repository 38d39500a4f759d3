import ClusterSupport
import Logging
import Messages
import Testing
import Transport
import Wire
import Worker

@Suite("A worker's control link, in memory and in virtual time")
struct WorkerHandlerTests {
    @Test("it says hello when its stage listens, and each second until it is answered")
    func hello() throws {
        let cluster = try OneWorker()
        #expect(cluster.takeMessages().isEmpty)
        cluster.stageListens()
        #expect(cluster.takeMessages().map(\.isHello) == [true])
        cluster.advance(.milliseconds(999))
        #expect(cluster.takeMessages().isEmpty)
        cluster.advance(.milliseconds(1))
        #expect(cluster.takeMessages().map(\.isHello) == [true])
        cluster.advance(.seconds(1))
        #expect(cluster.takeMessages().map(\.isHello) == [true])
    }

    @Test("it gives a coordinator up that missed three heartbeats, and dials anew")
    func silence() throws {
        let cluster = try OneWorker()
        cluster.stageListens()
        _ = cluster.takeMessages()
        let firstConnection = try #require(cluster.peer)
        cluster.welcome(heartbeatMilliseconds: 200)
        cluster.advance(.zero)
        let heartbeat = try #require(cluster.takeMessages().first)
        #expect(heartbeat.incarnation == 9)
        guard case .heartbeat(let body) = heartbeat.body else {
            Issue.record("not a heartbeat, but \(heartbeat.body)")
            return
        }
        // The time it tells is the virtual clock's, which has not moved.
        #expect(body.clockMicroseconds == 0)

        cluster.advance(.milliseconds(600))
        #expect(cluster.takeMessages().allSatisfy { !$0.isHello })
        #expect(cluster.peer == firstConnection)
        cluster.advance(.milliseconds(1))
        let messages = cluster.takeMessages()
        #expect(messages.map(\.isHello) == [true])
        #expect(messages.first?.incarnation == 0)
        #expect(cluster.peer != firstConnection)
        #expect(!cluster.workerStopped)
    }

    @Test("a draining worker that loses its coordinator ends instead")
    func drained() throws {
        let cluster = try OneWorker()
        cluster.stageListens()
        _ = cluster.takeMessages()
        cluster.welcome(heartbeatMilliseconds: 200)
        cluster.drain()
        #expect(cluster.takeMessages().last?.body == .drain)
        cluster.advance(.milliseconds(601))
        #expect(cluster.workerStopped)
    }
}

/// A worker's handler, and the socket of the coordinator it dials.
private final class OneWorker {
    /// The connection that the last message came on.
    private(set) var peer: [UInt8]?
    private let clock = VirtualClock()
    private let coordinator: MemorySockets
    private let router: SocketID
    private let workerSockets: MemorySockets
    private let worker: WorkerHandler

    init() throws {
        let network = MemoryNetwork()
        let local = try Endpoint("tcp://127.0.0.1:0")
        coordinator = MemorySockets(network)
        let control: Endpoint
        (router, control) = try coordinator.bindRouter(local)
        workerSockets = MemorySockets(network)
        let configuration = WorkerConfiguration(
            coordinator: control, bind: local, name: "one", machine: .test, software: "test")
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        worker = try WorkerHandler(
            environment: HandlerEnvironment(sockets: workerSockets, clock: clock), configuration: configuration,
            model: try Models.model(), state: StageState(), logger: logger
        ) { _ in }
    }

    var workerStopped: Bool { workerSockets.isStopped }

    func stageListens() {
        guard let endpoint = try? Endpoint("tcp://127.0.0.1:7000") else { return }
        worker.posted(.stage(.listening(endpoint), nil))
    }

    func drain() { worker.posted(.drain) }

    func advance(_ duration: Duration) {
        clock.advance(by: duration)
        worker.tick(now: clock.now)
    }

    func welcome(heartbeatMilliseconds: UInt32) {
        let welcome = Welcome(heartbeatMilliseconds: heartbeatMilliseconds, version: 1, workerID: [1])
        let message = WireMessage(ControlMessage.welcome(welcome), incarnation: 9)
        _ = coordinator.send(message.frames(), on: router, to: peer)
        workerSockets.handOut(to: worker)
    }

    /// What the worker sent since the last call.
    func takeMessages() -> [WireMessage<ControlMessage>] {
        var messages: [WireMessage<ControlMessage>] = []
        while let message = coordinator.takeWaiting(on: router) {
            peer = message.peer
            if let wire = try? WireMessage<ControlMessage>(frames: message.frames) { messages.append(wire) }
        }
        return messages
    }
}

extension WireMessage<ControlMessage> {
    fileprivate var isHello: Bool {
        if case .hello = body { true } else { false }
    }
}
