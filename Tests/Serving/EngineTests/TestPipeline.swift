import Engine
import Messages
import Scheduling
import SchedulingSupport
import ServingSupport
import Testing

/// A request engine with a pretended pipeline behind it and clients in front, who keep what they are sent.
final class TestPipeline {
    var engine: RequestEngine
    private let model: ServedModel
    private let limits: RequestLimits
    /// Texts to be tokenized stay in ``waiting``.
    var holdsTexts = false
    private(set) var waiting: [TextJob] = []
    var stage: FakeStage
    /// What each client was sent.
    private(set) var sent: [ClientID: [ClientReply]] = [:]
    private(set) var cancelled: [UInt64] = []

    static let client: ClientID = [1]

    init(
        context: Int = 48, endOfText: Int32? = Demo.endOfText, limits: RequestLimits = .init(),
        scheduler: SchedulerLimits = .init(), blocks: Int = 64, seeds: @escaping () -> UInt64 = { 1 },
        stage: FakeStage = FakeStage { _, _ in 5 }
    ) throws {
        model = try Demo.model(context: context, endOfText: endOfText)
        self.limits = limits
        engine = RequestEngine(
            model: model, limits: limits, schedulerLimits: scheduler,
            newSeed: seeds)
        engine.pipelinesReady([.alone(blocks: blocks)])
        self.stage = stage
    }

    func send(_ body: ClientRequest, from client: ClientID = TestPipeline.client) {
        take(engine.handle(body, from: client, now: 0))
    }

    func take(_ actions: [RequestAction]) {
        for action in actions {
            switch action {
            case .send(let body, let client): sent[client, default: []].append(body)
            case .run(let job):
                waiting.append(job)
                if !holdsTexts { runText() }
            case .cancelBatch(let batchID): cancelled.append(batchID)
            }
        }
    }

    /// Runs the text that has waited longest.
    func runText() {
        let job = waiting.removeFirst()
        take(engine.finished(job.run(model, limits: limits)))
    }

    /// Runs one batch; false where there is none.
    @discardableResult
    func step() throws -> Bool {
        guard let batch = engine.nextBatch() else { return false }
        try complete(stage.run(batch))
        return true
    }

    /// The batch that is to run now; there must be one.
    func batch() throws -> Batch {
        let batch = engine.nextBatch()
        return try #require(batch)
    }

    func complete(_ result: BatchResult) throws {
        let actions = engine.complete(result)
        take(try #require(actions))
    }

    /// Whether the engine takes the result for no answer to the batch under way.
    func rejects(_ result: BatchResult) -> Bool { engine.complete(result) == nil }

    /// Runs batches until none is left.
    func run() throws {
        var batches = 0
        while try step() {
            batches += 1
            try #require(batches < 10_000, "it never ends")
        }
    }

    // MARK: - What came

    /// All but the acceptance.
    func messages(_ requestID: UInt64 = 1, client: ClientID = TestPipeline.client) -> [ClientReply] {
        (sent[client] ?? []).filter { reply in
            if case .accepted = reply { false } else { reply.requestID == requestID }
        }
    }

    func acceptances(_ requestID: UInt64 = 1, client: ClientID = TestPipeline.client) -> [Accepted] {
        (sent[client] ?? []).compactMap { reply in
            guard case .accepted(let accepted) = reply, accepted.requestID == requestID else { return nil }
            return accepted
        }
    }

    func pieces(_ requestID: UInt64 = 1, index: UInt32 = 0, client: ClientID = TestPipeline.client) -> [Piece] {
        messages(requestID, client: client).compactMap { body in
            guard case .piece(let piece) = body, piece.index == index else { return nil }
            return piece
        }
    }

    func text(_ requestID: UInt64 = 1, index: UInt32 = 0, client: ClientID = TestPipeline.client) -> String {
        String(decoding: pieces(requestID, index: index, client: client).flatMap(\.text), as: UTF8.self)
    }

    func tokens(_ requestID: UInt64 = 1, index: UInt32 = 0, client: ClientID = TestPipeline.client) -> [Int32] {
        pieces(requestID, index: index, client: client).flatMap(\.tokens)
    }

    func scorePieces(_ requestID: UInt64 = 1, client: ClientID = TestPipeline.client) -> [ScorePiece] {
        messages(requestID, client: client).compactMap { body in
            guard case .scorePiece(let piece) = body else { return nil }
            return piece
        }
    }

    func dones(_ requestID: UInt64 = 1, client: ClientID = TestPipeline.client) -> [Done] {
        messages(requestID, client: client).compactMap { body in
            guard case .done(let done) = body else { return nil }
            return done
        }
    }

    func failure(_ requestID: UInt64 = 1, client: ClientID = TestPipeline.client) -> Failure? {
        for case .failure(let failure) in messages(requestID, client: client) { return failure }
        return nil
    }

    /// Nothing is left of any request: no client, no sequence, no block.
    var isClean: Bool {
        engine.isIdle && engine.hasNoClients && engine.scheduler.freeBlocks == engine.scheduler.blockCapacity
    }
}
