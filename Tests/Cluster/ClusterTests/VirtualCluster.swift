import ClusterSupport
import Coordinator
import Engine
import GPT2
import InProcess
import Messages
import ModelFiles
import TestSupport
import Testing
import Transport
import Wire
import Worker

/// A whole cluster on the test's thread: the handlers that ship, sockets in memory, a clock that the test moves, and
/// seeded random numbers.
final class VirtualCluster {
    private let clock = VirtualClock()
    private let coordinatorSockets: MemorySockets
    private let coordinator: CoordinatorHandler
    private var workers: [VirtualWorker] = []
    private let client: MemorySockets
    private let requests: SocketID
    /// Where the coordinator listens.
    let endpoints: CoordinatorEndpoints

    private static let model = Result { try LocalModel(directory: Repository.demoModel) }

    /// - Parameters:
    ///   - pins: the layers of each worker, inclusive; nil: any.
    ///   - wanted: the workers that a plan needs at least; nil: all.
    init(_ pins: [ClosedRange<Int>?], wanted: Int? = nil, seed: UInt64) throws {
        let network = MemoryNetwork()
        let model = try Self.model.get()
        let local = try Endpoint("tcp://127.0.0.1:0")
        let served = try ServedModel(model, types: ModelTypes(weights: .f32, cache: .f32)) { _, _ in }
        coordinatorSockets = MemorySockets(network)
        var listening: CoordinatorEndpoints?
        coordinator = try CoordinatorHandler(
            environment: HandlerEnvironment(
                sockets: coordinatorSockets, clock: clock, random: SplitMix64(seed: seed)),
            configuration: CoordinatorConfiguration(
                control: local, clients: local, workersWanted: wanted ?? pins.count, software: "test"),
            model: served, logger: .forTests
        ) { listening = $0 }
        endpoints = try #require(listening)
        client = MemorySockets(network)
        requests = client.connectDealer(endpoints.clients)
        for (number, pin) in pins.enumerated() {
            var configuration = WorkerConfiguration(
                coordinator: endpoints.control, bind: local, name: "worker \(number)",
                machine: WorkerMachine(hostID: "host \(number)", memoryBytes: 1 << 30, threads: 1), software: "test")
            configuration.pinnedLayers = pin
            workers.append(try VirtualWorker(network, clock, configuration: configuration, model: model))
        }
    }

    /// The time that has passed.
    var elapsed: Duration { clock.now - clock.start }

    /// A worker is not heard of any more.
    func hang(worker: Int) { workers.remove(at: worker) }

    func send(_ request: ClientRequest) { _ = client.send(WireMessage(request).frames(), on: requests) }

    /// Sends frames as they are to the clients' port.
    func sendRaw(_ frames: [[UInt8]]) { _ = client.send(frames, on: requests) }

    /// Sends frames as they are to the workers' port, and returns the answer.
    func answerOnControlPort(_ frames: [[UInt8]]) throws -> [[UInt8]] {
        let socket = client.connectDealer(endpoints.control)
        defer { client.close(socket) }
        _ = client.send(frames, on: socket)
        advance()
        guard let answer = client.takeWaiting(on: socket) else { throw NoReply(replies: []) }
        return answer.frames
    }

    /// What the client was sent since the last call, as it came.
    func takeFrames() -> [[[UInt8]]] {
        var all: [[[UInt8]]] = []
        while let message = client.takeWaiting(on: requests) { all.append(message.frames) }
        return all
    }

    /// A tenth of a second passes, and all that it brings happens, in so many turns of each loop at most.
    func advance(turns: Int = .max) {
        clock.advance(by: .milliseconds(100))
        coordinator.tick(now: clock.now)
        for worker in workers { worker.tick(now: clock.now) }
        var isBusy = true
        var turn = 0
        while isBusy, turn < turns {
            turn += 1
            isBusy = coordinatorSockets.handOut(to: coordinator)
            for worker in workers where worker.turn() { isBusy = true }
        }
    }

    /// What the client was sent since the last call.
    func takeReplies() -> [ClientReply] {
        var replies: [ClientReply] = []
        while let message = client.takeWaiting(on: requests) {
            if let wire = try? WireMessage<ClientReply>(frames: message.frames) { replies.append(wire.body) }
        }
        return replies
    }

    /// Lets a tenth of a second pass, up to a minute, until the client has such a reply; returns all until then.
    func replies(until isLast: (ClientReply) -> Bool) throws -> [ClientReply] {
        var replies: [ClientReply] = []
        for _ in 0..<600 {
            send(.heartbeat(Heartbeat()))
            advance()
            replies += takeReplies()
            if replies.contains(where: isLast) { return replies }
        }
        throw NoReply(replies: replies)
    }

    /// Lets time pass until requests are taken.
    func start() throws {
        for _ in 0..<600 {
            send(.generate(Generate(requestID: 1, prompt: Prompt(content: .tokens([1])), maximumTokens: 1)))
            advance()
            if takeReplies().contains(where: \.isDone) { return }
        }
        throw NoReply(replies: [])
    }
}

struct NoReply: Error {
    let replies: [ClientReply]
}

extension ClientReply {
    var isDone: Bool { if case .done = self { true } else { false } }

    var isFailure: Bool { if case .failure = self { true } else { false } }

    var tokens: [Int32] { if case .piece(let piece) = self { piece.tokens } else { [] } }
}
