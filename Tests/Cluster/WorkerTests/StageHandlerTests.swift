import ClusterSupport
import Logging
import Messages
import Synchronization
import Testing
import Transport
import Wire
import Worker

@Suite("A stage's links, in memory and in virtual time")
struct StageHandlerTests {
    @Test("a batch that comes while another is computed is known at once, and runs after it")
    func betweenLayers() throws {
        let stage = try OneStage()
        stage.send(1)
        stage.send(2)
        stage.takeOne()
        #expect(stage.statistics?.receivedSequence == 1)
        #expect(stage.work())
        let afterFirst = try #require(stage.statistics)
        #expect(afterFirst.receivedSequence == 2 && afterFirst.queuedBatches == 1)
        #expect(afterFirst.sentSequence == 1 && afterFirst.batches == 1)
        #expect(stage.takeSent().map(\.linkSequence) == [1])
        #expect(!stage.work())
        let second = try #require(stage.takeSent().first)
        guard case .batch(let batch) = second.body else {
            Issue.record("not a batch, but \(second.body)")
            return
        }
        #expect(second.linkSequence == 2 && batch.batchID == 2)
        // The virtual clock stood still.
        let timing = try #require(batch.timings.first)
        #expect(timing.receivedMicroseconds == 5_000 && timing.endedMicroseconds == 5_000)
        #expect(stage.failures.isEmpty)
    }

    @Test("a message lost while a batch is computed is reported, and the batch is finished all the same")
    func lostBetweenLayers() throws {
        let stage = try OneStage()
        stage.send(1)
        stage.send(3)
        stage.takeOne()
        #expect(!stage.work())
        #expect(stage.failures == ["the link to it lost a message"])
        #expect(stage.takeSent().map(\.linkSequence) == [1])
    }

    @Test("what comes of a batch waits for the next stage, and leaves between two layers of the one after it")
    func waitsForSuccessor() throws {
        let stage = try OneStage(nextListens: false)
        stage.send(1)
        stage.takeOne()
        #expect(!stage.work())
        try stage.nextListens()
        #expect(stage.takeSent().isEmpty)
        stage.send(2)
        stage.takeOne()
        #expect(!stage.work())
        #expect(stage.takeSent().map(\.linkSequence) == [1, 2])
    }
}

extension StageHandlerTests {
    @Test("bits of ids that are not of the vocabulary are reported; those of the vocabulary are taken")
    func badBits() throws {
        let stage = try OneStage(unusedIDs: [1, 2, 3])
        #expect(!stage.work())
        let lines = ["tokens never to be sampled: 3 bytes of bits are not those of 8192 tokens"]
        #expect(stage.failures == lines)
        let good = try OneStage(unusedIDs: [1] + [UInt8](repeating: 0, count: 1_023))
        #expect(!good.work())
        #expect(good.failures == [])
    }
}

extension StageHandlerTests {
    @Test("where memory does not suffice for the blocks asked for, there are fewer, and Ready says how many")
    func fewerBlocks() throws {
        // More than can be addressed, so that every system refuses it.
        let stage = try OneStage(blockCount: UInt32(Int32.max))
        #expect(!stage.work() && stage.failures.isEmpty)
        let blocks = try #require(stage.ready?.blockCount)
        #expect(blocks < UInt32(Int32.max) && blocks >= 32)
        stage.send(1)
        stage.takeOne()
        #expect(!stage.work())
        #expect(stage.takeSent().count == 1)
        #expect(try OneStage().ready?.blockCount == nil)
    }
}

/// The handler of a stage with three of the demo model's layers, a stage before it and one after it.
private final class OneStage {
    private let clock = VirtualClock()
    private let state = StageState()
    private let plan = PlanID(incarnation: 9, epoch: 1)
    private let sockets: MemorySockets
    private let handler: StageHandler
    private let events: Events
    private let neighbours: MemorySockets
    private let before: SocketID
    private let nextEndpoint: Endpoint
    private var next: SocketID?

    init(nextListens: Bool = true, unusedIDs: [UInt8]? = nil, blockCount: UInt32 = 64) throws {
        let network = MemoryNetwork()
        let events = Events()
        self.events = events
        sockets = MemorySockets(network)
        neighbours = MemorySockets(network)
        nextEndpoint = try Endpoint("tcp://127.0.0.1:7001")
        let endpoint = try Endpoint("tcp://127.0.0.1:7000")
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        handler = try StageHandler(
            environment: HandlerEnvironment(sockets: sockets, clock: clock),
            configuration: WorkerConfiguration(
                coordinator: endpoint, bind: endpoint, name: "one", machine: .test, software: "test"),
            model: try Models.model(), state: state, logger: logger
        ) { event, _ in events.add(event) }
        before = neighbours.connectPush(endpoint)
        if nextListens { try self.nextListens() }

        state.begin(plan)
        let assignment = Assignment(
            stage: 0, stageCount: 2, firstLayer: 0, layerCount: 3, blockCount: blockCount,
            successor: nextEndpoint.description
        ) {
            $0.weightType = .f32
            $0.cacheType = .f32
            $0.activationType = .f32
            $0.unusedIDs = unusedIDs
        }
        handler.posted(.load(assignment, plan: plan, successor: nextEndpoint))
        sockets.handOut(to: handler)
        clock.advance(by: .milliseconds(5))
    }

    /// Lines of what failed.
    var failures: [String] { events.failures }

    var ready: Ready? { events.ready }

    /// What the next heartbeat would say.
    var statistics: Statistics? { state.report(dropped: 0, now: clock.microseconds) }

    func nextListens() throws { next = try neighbours.bindPull(nextEndpoint).0 }

    /// The stage before sends a batch, whose number it is on the link too.
    func send(_ number: UInt64) {
        let batch = Batch(batchID: number, slices: [.prompt(number, Models.tokens(5))])
        let message = WireMessage(
            DataMessage.batch(batch), incarnation: plan.incarnation, epoch: plan.epoch, linkSequence: number)
        _ = neighbours.send(message.frames(), on: before)
    }

    /// Reads one message, as a turn of the loop may.
    func takeOne() { _ = sockets.handOutOne(to: handler) }

    func work() -> Bool { handler.work() }

    /// What the stage after it was sent since the last call.
    func takeSent() -> [WireMessage<DataMessage>] {
        guard let next else { return [] }
        var sent: [WireMessage<DataMessage>] = []
        while let message = neighbours.takeWaiting(on: next) {
            if let wire = try? WireMessage<DataMessage>(frames: message.frames) { sent.append(wire) }
        }
        return sent
    }
}

/// What a stage reported.
private final class Events: Sendable {
    private let lines = Mutex<[String]>([])
    private let loaded = Mutex<Ready?>(nil)

    var ready: Ready? { loaded.withLock { $0 } }

    var failures: [String] { lines.withLock { $0 } }

    func add(_ event: StageEvent) {
        if case .loaded(let ready) = event { loaded.withLock { $0 = ready } }
        if case .failed(let reason, _) = event { lines.withLock { $0.append(reason) } }
    }
}
