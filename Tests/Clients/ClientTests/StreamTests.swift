import Client
import Messages
import Sessions
import Testing

@Suite("Streams of a session")
struct StreamTests {
    @Test("a stream has the pieces of its request in order, and ends with its last sequence")
    func pieces() async throws {
        try await withPeer { request in
            guard case .generate(let request) = request else { return [] }
            let id = request.requestID
            return [
                .accepted(accepted(id)), .piece(piece(id, 1)), .piece(piece(id, 2, index: 1)),
                .done(done(id, index: 1)), .piece(piece(id, 3)), .done(done(id)), .piece(piece(id, 4)),
            ]
        } _: { session, _, record in
            var events: [GenerationEvent] = []
            for try await event in session.generate(generate(sequences: 2)) { events.append(event) }
            #expect(
                events == [
                    .accepted(accepted(1)), .piece(piece(1, 1)), .piece(piece(1, 2, index: 1)),
                    .done(done(1, index: 1)), .piece(piece(1, 3)), .done(done(1)),
                ])
            var expected = generate(sequences: 2)
            expected.requestID = 1
            #expect(record.all == [.generate(expected)])
        }
    }

    @Test("pieces are granted as they are read: 32 at a time of a text, one at a time of scores")
    func credit() async throws {
        try await withPeer { request in
            switch request {
            case .generate(let request):
                (0..<70).map { .piece(piece(request.requestID, $0)) } + [.done(done(request.requestID))]
            case .score(let request): [0, 1].map { .scorePiece(scorePiece(request.requestID, $0)) }
            case .credit(2, _): []
            default: []
            }
        } _: { session, loop, record in
            var texts = session.generate(generate()).makeAsyncIterator()
            for _ in 0..<31 { _ = try await texts.next() }
            let scores = session.score(score)
            var iterator = scores.makeAsyncIterator()
            _ = try await iterator.next()
            try await record.wait(for: .credit(requestID: 2, pieces: 1))
            while try await texts.next() != nil {}
            _ = try await iterator.next()
            try await record.wait(for: .credit(requestID: 2, pieces: 1), times: 2)
            _ = loop.post(.reply(.done(done(2))))
            while try await iterator.next() != nil {}
            // The text had ended before 32 pieces were read.
            #expect(!record.all.contains { if case .credit(1, _) = $0 { true } else { false } })
        }
    }

    @Test("a text that goes on is granted 32 pieces when 32 have been read")
    func creditOfText() async throws {
        try await withPeer { request in
            switch request {
            case .generate(let request): (0..<32).map { .piece(piece(request.requestID, $0)) }
            case .credit(let id, let pieces): [.piece(piece(id, Int32(pieces))), .done(done(id))]
            default: []
            }
        } _: { session, _, record in
            var tokens: [Int32] = []
            for try await case .piece(let piece) in session.generate(generate()) { tokens += piece.tokens }
            #expect(tokens == Array(0...32))
            #expect(record.all.count == 2 && record.all.last == .credit(requestID: 1, pieces: 32))
        }
    }

    @Test("several requests on one connection each get their own replies, in whatever order they come")
    func several() async throws {
        try await withPeer { request in
            // Nothing before the last is there.
            guard case .score = request else { return [] }
            return [
                .piece(piece(2, 20)), .scorePiece(scorePiece(3, 30)), .piece(piece(1, 10)), .done(done(2)),
                .piece(piece(1, 11)), .done(done(3)), .done(done(1)),
            ]
        } _: { session, _, _ in
            let streams = [session.generate(generate()), session.generate(generate())]
            let scores = session.score(score)
            try await withThrowingTaskGroup(of: (Int, [Int32]).self) { group in
                for (number, stream) in streams.enumerated() {
                    group.addTask {
                        var tokens: [Int32] = []
                        for try await case .piece(let piece) in stream { tokens += piece.tokens }
                        return (number, tokens)
                    }
                }
                group.addTask {
                    var tokens: [Int32] = []
                    for try await case .piece(let piece) in scores { tokens.append(piece.unscoredToken ?? -1) }
                    return (2, tokens)
                }
                for try await (number, tokens) in group { #expect(tokens == [[10, 11], [20], [30]][number]) }
            }
        }
    }

    @Test("questions get their answers, and one that was refused throws the coordinator's words")
    func questions() async throws {
        try await withPeer { request in
            switch request {
            case .tokenize(let id, _): [.tokenized(Tokenized(requestID: id, tokens: [7, 8], warnings: ["one"]))]
            case .detokenize(let id, let tokens):
                tokens.isEmpty ? [failure(id, "no tokens")] : [.detokenized(requestID: id, text: [65])]
            case .statusRequest(let id): [.status(status(id))]
            case .traceRequest(let id, let after): [.trace(Trace(requestID: id, next: after + 1, clockMicroseconds: 1))]
            default: []
            }
        } _: { session, _, _ in
            let tokenized = try await session.tokenize(Prompt(content: .text([65])))
            let text = try await session.detokenize([7])
            let model = try await session.status().model
            let next = try await session.trace(after: 4).next
            #expect(tokenized.tokens == [7, 8] && tokenized.warnings == ["one"])
            #expect(text == [65] && model == "demo" && next == 5)
            let error = await #expect(throws: RequestError.self) { try await session.detokenize([]) }
            #expect(error?.description == "no tokens")
        }
    }
}
