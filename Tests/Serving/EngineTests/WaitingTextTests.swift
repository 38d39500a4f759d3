import Engine
import Messages
import ServingSupport
import Testing

@Suite("Texts that wait to be tokenized")
struct WaitingTextTests {
    private let other: ClientID = [2]

    private func pipeline(_ limits: RequestLimits = .init()) throws -> TestPipeline {
        let pipeline = try TestPipeline(limits: limits)
        pipeline.holdsTexts = true
        return pipeline
    }

    private func generate(_ id: UInt64, _ text: String = "The king", sequences: UInt32 = 1) -> ClientRequest {
        .generate(
            Generate(requestID: id, prompt: .text(text), maximumTokens: 2, sequences: sequences, ignoreEndOfText: true))
    }

    @Test("one is run at a time, and clients take turns")
    func turns() throws {
        let pipeline = try pipeline()
        for id in 1...3 as ClosedRange<UInt64> { pipeline.send(.tokenize(requestID: id, prompt: .text("a"))) }
        pipeline.send(.tokenize(requestID: 1, prompt: .text("b")), from: other)
        var order: [String] = []
        for _ in 0..<4 {
            #expect(pipeline.waiting.count == 1)
            pipeline.runText()
            order = ["\(pipeline.sent[TestPipeline.client]?.count ?? 0) \(pipeline.sent[other]?.count ?? 0)"] + order
        }
        #expect(order.reversed() == ["1 0", "2 0", "2 1", "3 1"] || order.reversed() == ["1 0", "1 1", "2 1", "3 1"])
        #expect(pipeline.waiting.isEmpty)
    }

    @Test("what needs no tokens is answered meanwhile, and the request counts as under way")
    func underWay() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(1))
        #expect(pipeline.messages().isEmpty && !pipeline.engine.isIdle && !pipeline.engine.hasNoClients)
        let status = pipeline.engine.requestStatuses(now: 5)
        #expect(status.map(\.state) == ["queued"] && status.map(\.requestID) == [1])
        pipeline.send(.waiting(requestIDs: [1, 9]))
        #expect(pipeline.failure(1) == nil && pipeline.failure(9) != nil)
        pipeline.send(generate(1))
        #expect(pipeline.failure(1)?.message.contains("running already") == true)
        pipeline.runText()
        try pipeline.run()
        #expect(pipeline.tokens().count == 2 && pipeline.dones().count == 1 && pipeline.isClean)
    }

    @Test("credit that comes before the tokens counts")
    func credit() throws {
        let pipeline = try pipeline()
        pipeline.send(
            .generate(
                Generate(
                    requestID: 1, prompt: .text("A"), maximumTokens: 1, ignoreEndOfText: true, credit: 0)))
        pipeline.send(.credit(requestID: 1, pieces: 1))
        pipeline.runText()
        try pipeline.run()
        #expect(pipeline.tokens().count == 1 && pipeline.isClean)
    }

    @Test("a request that is cancelled before it has tokens is done at once, whether its text is under way or waits")
    func cancelled() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(1, sequences: 3))
        pipeline.send(generate(2))
        pipeline.send(.score(Score(requestID: 3, prompt: .text("a b"))))
        for id in [3, 1, 2] as [UInt64] { pipeline.send(.cancel(requestID: id)) }
        #expect(pipeline.dones(1).map(\.index) == [0, 1, 2])
        for id in 1...3 as ClosedRange<UInt64> {
            #expect(pipeline.dones(id).allSatisfy { $0.reason == .cancelled } && !pipeline.dones(id).isEmpty)
        }
        pipeline.runText()
        #expect(pipeline.waiting.isEmpty && pipeline.acceptances().isEmpty && pipeline.isClean)
    }

    @Test("nothing is kept of a client that goes, and the next has its turn")
    func gone() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(1))
        pipeline.send(generate(2))
        pipeline.send(generate(1), from: other)
        pipeline.take(pipeline.engine.clientGone(TestPipeline.client))
        pipeline.runText()
        #expect(pipeline.sent[TestPipeline.client] == nil)
        pipeline.runText()
        try pipeline.run()
        #expect(pipeline.dones(1, client: other).count == 1 && pipeline.waiting.isEmpty && pipeline.isClean)
    }

    @Test("with the pipelines go the requests that wait, but not the questions")
    func pipelinesLost() throws {
        let pipeline = try pipeline()
        pipeline.send(generate(1))
        pipeline.send(.tokenize(requestID: 2, prompt: .text("a")))
        pipeline.take(pipeline.engine.pipelinesLost("a worker is gone"))
        #expect(pipeline.failure(1)?.message == "a worker is gone")
        pipeline.runText()
        pipeline.runText()
        guard case .tokenized = pipeline.messages(2).first else { throw Unexpected() }
        #expect(pipeline.engine.isIdle && pipeline.engine.hasNoClients)
    }

    @Test("too many of them, or too long ones, are refused with a time to come back")
    func bounds() throws {
        var limits = RequestLimits()
        (limits.waitingTextBytes, limits.waitingTextBytesPerClient, limits.requestsPerClient) = (30, 20, 3)
        let pipeline = try pipeline(limits)
        func ask(_ id: UInt64, bytes: Int, from client: ClientID = TestPipeline.client) -> Failure? {
            pipeline.send(.tokenize(requestID: id, prompt: .text(String(repeating: "a", count: bytes))), from: client)
            return pipeline.failure(id, client: client)
        }
        // The first is under way, and waits no more.
        #expect(ask(1, bytes: 20) == nil && ask(2, bytes: 15) == nil)
        #expect(ask(3, bytes: 6)?.code == .overloaded && ask(4, bytes: 6)?.retryMilliseconds == 1_000)
        #expect(ask(1, bytes: 16, from: other)?.code == .overloaded)
        #expect(ask(2, bytes: 10, from: other) == nil)
        #expect(ask(5, bytes: 1) == nil && ask(6, bytes: 1) == nil && ask(7, bytes: 1)?.code == .overloaded)
        #expect(pipeline.waiting.count == 1)
    }

    @Test("a prompt that cannot fit the context by its bytes is refused before it is tokenized; scoring has windows")
    func tooManyBytes() throws {
        let pipeline = try pipeline()
        let text = String(repeating: "word ", count: 100_000)
        pipeline.send(generate(1, text))
        let line = try #require(pipeline.failure(1)?.message)
        #expect(line.hasPrefix("the prompt has 500000 bytes, so at least ") && line.hasSuffix("context is 48"))
        #expect(pipeline.waiting.isEmpty && pipeline.isClean)
        pipeline.send(.score(Score(requestID: 2, prompt: .text(text))))
        #expect(pipeline.waiting.count == 1)
    }
}
