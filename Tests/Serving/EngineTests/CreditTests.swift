import Messages
import ServingSupport
import Testing

@Suite("Credit")
struct CreditTests {
    private func pipeline() throws -> TestPipeline {
        try TestPipeline(stage: FakeStage { tokens, _ in Int32(100 + tokens.count) })
    }

    private func generate(_ requestID: UInt64 = 1, credit: UInt32, sequences: UInt32 = 1) -> ClientRequest {
        .generate(
            Generate(
                requestID: requestID, prompt: .tokens([1, 2, 3]), maximumTokens: 6, sequences: sequences,
                logprobs: true, credit: credit))
    }

    private let answer: [Int32] = [103, 104, 105, 106, 107, 108]

    @Test("without credit nothing is sent, and what was sampled comes as one piece when there is some")
    func merged() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(credit: 0))
        try pipeline.run()
        #expect(pipeline.messages() == [])
        pipeline.send(.credit(requestID: 1, pieces: 1))
        #expect(pipeline.pieces().map(\.tokens) == [answer])
        #expect(pipeline.pieces().first?.logprobs.map(\.token) == answer)
        #expect(try pipeline.text() == Demo.text(answer))
        #expect(pipeline.dones().map(\.reason) == [.length])
        #expect(pipeline.isClean)
    }

    @Test("each piece costs one, and pieces grow while there is none")
    func grows() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(credit: 2))
        for _ in 0..<4 { try pipeline.step() }
        #expect(pipeline.pieces().map(\.tokens.count) == [1, 1])
        pipeline.send(.credit(requestID: 1, pieces: 1))
        #expect(pipeline.pieces().map(\.tokens.count) == [1, 1, 2])
        try pipeline.run()
        #expect(pipeline.dones() == [])
        pipeline.send(.credit(requestID: 1, pieces: 5))
        #expect(pipeline.pieces().map(\.tokenOffset) == [0, 1, 2, 4])
        #expect(pipeline.tokens() == answer)
        #expect(pipeline.dones().count == 1)
    }

    @Test("the sequences of a request share its credit, and each gets all of its text in the end")
    func shared() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(credit: 1, sequences: 3))
        try pipeline.run()
        #expect((0..<3).map { pipeline.pieces(index: $0).count }.reduce(0, +) == 1)
        for _ in 0..<12 { pipeline.send(.credit(requestID: 1, pieces: 1)) }
        for index in UInt32(0)..<3 { #expect(pipeline.tokens(index: index) == answer) }
        #expect(pipeline.dones().count == 3)
        #expect(pipeline.isClean)
    }

    @Test("a slow reader holds up nobody, and holds no blocks once its text is complete")
    func slowReader() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(credit: 0))
        pipeline.send(.score(Score(requestID: 2, prompt: .tokens([Int32](repeating: 9, count: 200)), credit: 0)))
        pipeline.send(generate(1, credit: 64), from: [2])
        try pipeline.run()
        #expect(pipeline.tokens(client: [2]) == answer)
        #expect(pipeline.dones(client: [2]).count == 1)
        #expect(pipeline.messages(1) == [] && pipeline.messages(2) == [])
        #expect(pipeline.engine.scheduler.freeBlocks == pipeline.engine.scheduler.blockCapacity)
        #expect(!pipeline.engine.isIdle && pipeline.engine.isWaiting)
    }

    @Test("credit beyond all bounds, for other requests, or for none does no harm")
    func odd() throws {
        let pipeline = try pipeline()
        pipeline.send(.credit(requestID: 1, pieces: 5))
        pipeline.send(generate(credit: .max))
        pipeline.send(.credit(requestID: 1, pieces: .max))
        pipeline.send(.credit(requestID: 1, pieces: 0))
        pipeline.send(.credit(requestID: 1, pieces: 7), from: [9])
        try pipeline.run()
        #expect(pipeline.tokens() == answer)
        #expect(pipeline.sent[[9]] == nil)
        #expect(pipeline.isClean)
    }
}
