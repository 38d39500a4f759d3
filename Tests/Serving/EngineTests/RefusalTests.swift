import Engine
import Messages
import Scheduling
import Testing

@Suite("Requests that are refused")
struct RefusalTests {
    private func refusal(
        _ request: Generate, _ pipeline: TestPipeline? = nil, _ sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Failure {
        let pipeline = try pipeline ?? TestPipeline()
        pipeline.send(.generate(request))
        #expect(pipeline.messages(request.requestID).count == 1, sourceLocation: sourceLocation)
        #expect(pipeline.isClean, sourceLocation: sourceLocation)
        return try #require(pipeline.failure(request.requestID), sourceLocation: sourceLocation)
    }

    private func generate(_ change: (inout Generate) -> Void) -> Generate {
        var request = Generate(requestID: 1, prompt: .text("Once upon a time"), maximumTokens: 4)
        change(&request)
        return request
    }

    @Test("a prompt longer than the context: the message names both numbers")
    func longPrompt() throws {
        let failure = try refusal(generate { $0.prompt = .tokens([Int32](repeating: 1, count: 49)) })
        #expect(failure.message == "the prompt has 49 tokens, and the model's context is 48")
        #expect(failure.code == .badRequest && failure.retryMilliseconds == nil)
    }

    @Test("more blocks than the whole cache has: the message names both numbers")
    func neverFits() throws {
        let failure = try refusal(generate { $0.maximumTokens = 40 }, TestPipeline(blocks: 1))
        #expect(failure.code == .badRequest)
        #expect(failure.message.contains("needs 3 KV cache blocks") && failure.message.contains("the cluster has 1"))
    }

    @Test(
        "bytes that are not UTF-8",
        arguments: [[0xFF], [0x61, 0xC3], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x99]] as [[UInt8]])
    func badText(bytes: [UInt8]) throws {
        let failure = try refusal(generate { $0.prompt = Prompt(content: .text(bytes)) })
        #expect(failure.message == "the text is not UTF-8")
    }

    @Test("tokens outside the vocabulary, wherever they stand", arguments: [-1, 8_192, .max, .min] as [Int32])
    func badToken(token: Int32) throws {
        let inPrompt = try refusal(generate { $0.prompt = .tokens([1, token]) })
        #expect(inPrompt.message == "token \(token) is not in the vocabulary: ids go from 0 to 8191")
        let inStops = try refusal(generate { $0.stopTokens = [token] })
        #expect(inStops.message.hasPrefix("stop token \(token) is not in the vocabulary"))
        let inBias = try refusal(generate { $0.parameters.logitBias = [LogitBias(token: token, bias: 1)] })
        #expect(inBias.message.hasPrefix("logit bias for token \(token) is not in the vocabulary"))
    }

    @Test("everything beyond its limit, with a line that says what the limit is")
    func limits() throws {
        let cases: [(String, (inout Generate) -> Void)] = [
            ("no model 'other' here: this cluster serves 'demo'", { $0.model = "other" }),
            ("0 sequences asked for: between 1 and 64", { $0.sequences = 0 }),
            ("65 sequences asked for: between 1 and 64", { $0.sequences = 65 }),
            ("sequences asked for", { $0.sequences = .max }),
            ("at most 16 stop strings", { $0.stopStrings = [[UInt8]](repeating: [65], count: 17) }),
            ("stop strings of 1 to 1024 bytes", { $0.stopStrings = [[UInt8](repeating: 65, count: 1_025)] }),
            ("stop strings of 1 to 1024 bytes", { $0.stopStrings = [[]] }),
            ("a stop string is not UTF-8", { $0.stopStrings = [[0xFF]] }),
            ("65 stop tokens given, and at most 64", { $0.stopTokens = [Int32](repeating: 1, count: 65) }),
            (
                "at most 1024 logit biases",
                { $0.parameters.logitBias = (0...1_024).map { LogitBias(token: $0, bias: 1) } }
            ),
            ("21 alternatives asked for: at most 20", { $0.alternatives = 21 }),
        ]
        for (line, change) in cases {
            let failure = try refusal(generate(change))
            #expect(failure.code == .badRequest)
            #expect(failure.message.contains(line), "\(failure.message)")
        }
        var limits = RequestLimits()
        limits.promptBytes = 5
        let text = try refusal(generate { $0.prompt = .text("sixsix") }, TestPipeline(limits: limits))
        #expect(text.message == "the text has 6 bytes, and at most 5 are taken")
        let tokens = try refusal(generate { $0.prompt = .tokens([1, 2, 3, 4, 5, 6]) }, TestPipeline(limits: limits))
        #expect(tokens.message == "6 tokens given, and at most 5 are taken")
    }

    @Test("everything just within its limit is taken")
    func withinLimits() throws {
        let pipeline = try TestPipeline()
        pipeline.send(
            .generate(
                generate {
                    $0.model = "demo"
                    $0.sequences = 64
                    $0.stopStrings = [[UInt8]](repeating: [UInt8](repeating: 65, count: 1_024), count: 16)
                    $0.stopTokens = [Int32](repeating: 8_000, count: 64)
                    $0.parameters.logitBias = (0..<1_024).map { LogitBias(token: $0, bias: 1) }
                    $0.alternatives = 20
                    $0.credit = 1_000
                }))
        try pipeline.run()
        #expect(pipeline.failure() == nil && pipeline.dones().count == 64)
    }

    @Test("a request id that is running already is refused, and the first goes on")
    func duplicate() throws {
        let pipeline = try TestPipeline()
        pipeline.send(.generate(generate { $0.maximumTokens = 4 }))
        pipeline.send(.score(Score(requestID: 1, prompt: .text("another"))))
        #expect(pipeline.failure()?.message == "request 1 is running already")
        pipeline.send(.generate(generate { $0.maximumTokens = 2 }), from: [2])
        try pipeline.run()
        #expect(pipeline.dones().map(\.generatedTokens) == [4])
        #expect(pipeline.dones(client: [2]).map(\.generatedTokens) == [2])
        pipeline.send(.generate(generate { $0.maximumTokens = 3 }))
        try pipeline.run()
        #expect(pipeline.dones().map(\.generatedTokens) == [4, 3])
    }

    @Test("too much at once is overloaded, with a time to retry")
    func overloaded() throws {
        var limits = RequestLimits()
        limits.requestsPerClient = 2
        limits.clients = 1
        let pipeline = try TestPipeline(limits: limits, scheduler: SchedulerLimits(waitingSequences: 3))
        pipeline.send(.generate(generate { $0.sequences = 4 }))
        #expect(pipeline.failure(1)?.message == "the queue is full: at most 3 sequences may wait")
        pipeline.send(
            .generate(
                generate {
                    $0.requestID = 2
                    $0.sequences = 3
                }))
        pipeline.send(.score(Score(requestID: 3, prompt: .text("some text"))))
        #expect(pipeline.failure(3)?.message == "the queue is full: at most 3 sequences may wait")
        try pipeline.step()
        pipeline.send(.generate(generate { $0.requestID = 4 }))
        pipeline.send(.generate(generate { $0.requestID = 5 }))
        #expect(pipeline.failure(5)?.message == "2 requests of this client are running already")
        pipeline.send(.generate(generate { $0.requestID = 6 }), from: [2])
        #expect(pipeline.failure(6, client: [2])?.message == "1 clients are served already")
        let failures = [
            pipeline.failure(1), pipeline.failure(3), pipeline.failure(5), pipeline.failure(6, client: [2]),
        ]
        #expect(failures.allSatisfy { $0?.code == .overloaded && $0?.retryMilliseconds == 1_000 })
        try pipeline.run()
        #expect(pipeline.dones(2).count == 3 && pipeline.dones(4).count == 1)
        #expect(pipeline.isClean)
    }

    @Test("requests of all clients, and texts to score, are bounded together")
    func boundedTogether() throws {
        var limits = RequestLimits()
        limits.requests = 2
        limits.scoringTokens = 10
        let pipeline = try TestPipeline(limits: limits)
        let text = Prompt.tokens([1, 2, 3, 4, 5, 6])
        pipeline.send(.score(Score(requestID: 1, prompt: text)))
        pipeline.send(.score(Score(requestID: 1, prompt: text)), from: [2])
        #expect(
            pipeline.failure(client: [2])?.message == "texts of 10 tokens together are being scored already")
        pipeline.send(.generate(generate { $0.requestID = 2 }), from: [2])
        pipeline.send(.generate(generate { $0.requestID = 3 }), from: [3])
        #expect(pipeline.failure(3, client: [3])?.message == "2 requests are running already")
        let failures = [pipeline.failure(client: [2]), pipeline.failure(3, client: [3])]
        #expect(failures.allSatisfy { $0?.code == .overloaded && $0?.retryMilliseconds == 1_000 })
        try pipeline.run()
        pipeline.send(.score(Score(requestID: 4, prompt: text)), from: [2])
        try pipeline.run()
        #expect(pipeline.dones().count == 1 && pipeline.dones(4, client: [2]).count == 1)
        #expect(pipeline.isClean)
    }

    @Test("while the cluster is not ready the reason is given, with a time to retry")
    func notReady() throws {
        let pipeline = try TestPipeline()
        pipeline.engine.refusal = "waiting for workers: 1 of 2 are here"
        pipeline.send(.generate(generate { _ in }))
        let failure = try #require(pipeline.failure())
        #expect(failure.code == .unavailable && failure.retryMilliseconds == 1_000)
        #expect(failure.message == "waiting for workers: 1 of 2 are here")
        pipeline.engine.refusal = nil
        pipeline.send(.generate(generate { $0.requestID = 2 }))
        try pipeline.run()
        #expect(pipeline.dones(2).count == 1)
    }

    @Test("no pipeline at all is unavailable")
    func noPipeline() throws {
        let pipeline = try TestPipeline()
        pipeline.take(pipeline.engine.pipelinesLost("gone"))
        pipeline.send(.generate(generate { _ in }))
        #expect(pipeline.failure()?.code == .unavailable)
        #expect(pipeline.engine.isIdle && pipeline.engine.hasNoClients)
    }
}
