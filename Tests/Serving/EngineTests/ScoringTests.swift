import Messages
import Scheduling
import ServingSupport
import Testing

@Suite("Scoring a text")
struct ScoringTests {
    private let text = (0..<100).map { Int32(3_000 + $0 * 7) }

    /// What windows of this context and stride make of tokens: each target after all that its window shows of it.
    private func expected(_ tokens: [Int32], context: Int, stride: Int) -> [TokenResult] {
        ScoreWindows(count: tokens.count, context: context, stride: stride).flatMap { window in
            window.targets.map { target in
                let before = Array(tokens[window.tokens.lowerBound..<target])
                return TokenResult(token: tokens[target], logprob: FakeStage.logprob(tokens[target], after: before))
            }
        }
    }

    @Test(
        "every token once and in order, the first unscored",
        arguments: [(16, 8), (16, 1), (16, 16), (48, 24), (200, 100), (1, 1), (2, 1), (16, nil)] as [(Int, UInt32?)])
    func windows(context: Int, stride: UInt32?) throws {
        let pipeline = try TestPipeline(context: context, scheduler: SchedulerLimits(batchRows: 37))
        pipeline.send(.score(Score(requestID: 1, prompt: .tokens(text), stride: stride, credit: 1_000)))
        try pipeline.run()
        let pieces = pipeline.scorePieces()
        #expect(pieces.first?.unscoredToken == text[0] && pieces.first?.tokenOffset == 0)
        #expect(pieces.dropFirst().allSatisfy { $0.unscoredToken == nil })
        var offset: UInt32 = 1
        for piece in pieces.dropFirst() {
            #expect(piece.tokenOffset == offset && !piece.scores.isEmpty)
            offset += UInt32(piece.scores.count)
        }
        let stride = stride.map(Int.init) ?? context / 2
        #expect(pieces.flatMap(\.scores) == expected(text, context: context, stride: stride))
        #expect(
            pipeline.dones() == [
                Done(requestID: 1, index: 0, reason: .stop, seed: 0, promptTokens: 100, generatedTokens: 0)
            ])
        #expect(pipeline.isClean)
    }

    @Test("with end of text before it, the first token is scored, too")
    func beginWithEndOfText() throws {
        let pipeline = try TestPipeline(context: 16)
        pipeline.send(
            .score(Score(requestID: 1, prompt: .tokens(text), stride: 8, beginWithEndOfText: true, alternatives: 3)))
        try pipeline.run()
        let pieces = pipeline.scorePieces()
        #expect(pieces.allSatisfy { $0.unscoredToken == nil } && pieces.first?.tokenOffset == 0)
        let scores = pieces.flatMap(\.scores)
        #expect(scores.map(\.token) == text)
        #expect(scores.map(\.logprob) == expected([Demo.endOfText] + text, context: 16, stride: 8).map(\.logprob))
        #expect(scores.allSatisfy { $0.alternatives.count == 3 })
        #expect(pipeline.dones().map(\.promptTokens) == [100])
    }

    @Test("a text of one token: unscored, or scored after end of text", arguments: [false, true])
    func oneToken(after endOfText: Bool) throws {
        let pipeline = try TestPipeline()
        pipeline.send(
            .score(Score(requestID: 1, prompt: .tokens([9]), beginWithEndOfText: endOfText, credit: 0)))
        try pipeline.run()
        #expect(pipeline.messages() == [])
        pipeline.send(.credit(requestID: 1, pieces: 1))
        #expect(pipeline.scorePieces().map(\.unscoredToken) == [endOfText ? nil : 9])
        #expect(pipeline.scorePieces().flatMap(\.scores).map(\.token) == (endOfText ? [9] : []))
        #expect(pipeline.dones().count == 1)
        #expect(pipeline.isClean)
    }

    @Test("each piece costs one credit, and windows are not run far ahead of it")
    func credit() throws {
        let pipeline = try TestPipeline(context: 16)
        pipeline.send(.score(Score(requestID: 1, prompt: .tokens(text), stride: 8, credit: 0)))
        var count = 0
        while pipeline.dones().isEmpty {
            try pipeline.run()
            #expect(pipeline.messages().count == count)
            #expect(pipeline.engine.isWaiting)
            pipeline.send(.credit(requestID: 1, pieces: 1))
            count += 1
            try #require(count < 100)
        }
        #expect(pipeline.scorePieces().flatMap(\.scores) == expected(text, context: 16, stride: 8))
        #expect(pipeline.isClean)
    }

    @Test("windows wait where the queue is full, and all of several texts are scored in the end")
    func fullQueue() throws {
        let pipeline = try TestPipeline(
            context: 16, scheduler: SchedulerLimits(waitingSequences: 2, runningSequences: 1), blocks: 1)
        for requestID in UInt64(1)...5 {
            pipeline.send(.score(Score(requestID: requestID, prompt: .tokens(text), stride: 8)))
        }
        try pipeline.run()
        for requestID in UInt64(1)...5 {
            #expect(pipeline.scorePieces(requestID).flatMap(\.scores) == expected(text, context: 16, stride: 8))
        }
        #expect(pipeline.isClean)
    }

    @Test("a cancel ends it at once")
    func cancel() throws {
        let pipeline = try TestPipeline(context: 16)
        pipeline.send(.score(Score(requestID: 1, prompt: .tokens(text), stride: 8)))
        let batch = try pipeline.batch()
        pipeline.send(.cancel(requestID: 1))
        #expect(pipeline.dones().map(\.reason) == [.cancelled])
        #expect(pipeline.cancelled == [batch.batchID])
        try pipeline.complete(BatchResult(batchID: batch.batchID, cancelled: true))
        try pipeline.run()
        #expect(pipeline.messages().count == 2)
        #expect(pipeline.isClean)
    }

    @Test("what cannot be scored is refused with a line that says why")
    func refused() throws {
        let cases: [(String, Score)] = [
            ("the text is empty", Score(requestID: 1, prompt: .text(""))),
            ("the text is not UTF-8", Score(requestID: 1, prompt: Prompt(content: .text([0x80])))),
            ("token 8192 is not in the vocabulary", Score(requestID: 1, prompt: .tokens([8_192]))),
            (
                "the stride is 0, but must be between 1 and the context, 48",
                Score(requestID: 1, prompt: .text("a"), stride: 0)
            ),
            ("the stride is 49", Score(requestID: 1, prompt: .text("a"), stride: 49)),
            ("the stride is 4294967295", Score(requestID: 1, prompt: .text("a"), stride: .max)),
            ("21 alternatives", Score(requestID: 1, prompt: .text("a"), alternatives: 21)),
            ("no model 'x' here", Score(requestID: 1, prompt: .text("a"), model: "x")),
        ]
        for (line, request) in cases {
            let pipeline = try TestPipeline()
            pipeline.send(.score(request))
            #expect(pipeline.failure()?.message.contains(line) == true, "\(String(describing: pipeline.failure()))")
            #expect(pipeline.failure()?.code == .badRequest)
            #expect(pipeline.isClean)
        }
        let without = try TestPipeline(endOfText: nil)
        without.send(.score(Score(requestID: 1, prompt: .text("a"), beginWithEndOfText: true)))
        #expect(without.failure()?.message == "this model has no <|endoftext|> to put before the text")
    }
}
