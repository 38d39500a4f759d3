import Client
import Messages
import Sessions
import Testing
import Transport

@Suite("How requests of a session end")
struct EndingTests {
    @Test("a cancelled task cancels its request, once, and gets the answer to that")
    func cancelled() async throws {
        try await withPeer { request in
            switch request {
            case .generate(let request): [.piece(piece(request.requestID, 1))]
            case .cancel(let id): [.piece(piece(id, 2)), .done(done(id, .cancelled))]
            default: []
            }
        } _: { session, _, record in
            let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
            let reading = Task {
                var events: [GenerationEvent] = []
                for try await event in session.generate(generate()) {
                    events.append(event)
                    continuation.yield()
                }
                return events
            }
            for await _ in begun { break }
            reading.cancel()
            let events = try await reading.value
            #expect(events == [.piece(piece(1, 1)), .piece(piece(1, 2)), .done(done(1, .cancelled))])
            #expect(record.all.filter { $0 == .cancel(requestID: 1) }.count == 1)
        }
    }

    @Test("a stream that nobody holds any more cancels its request")
    func dropped() async throws {
        try await withPeer { request in
            if case .generate(let request) = request { [.piece(piece(request.requestID, 1))] } else { [] }
        } _: { session, _, record in
            for try await _ in session.generate(generate()) { break }
            try await record.wait(for: .cancel(requestID: 1))
        }
    }

    @Test("a cancelled question ends at once")
    func cancelledQuestion() async throws {
        try await withPeer { session, _, record in
            let asking = Task { try await session.status() }
            try await record.wait(for: .statusRequest(requestID: 1))
            asking.cancel()
            await #expect(throws: CancellationError.self) { try await asking.value }
        }
    }

    @Test("a request that fails throws the coordinator's words after what came before; others go on")
    func failed() async throws {
        try await withPeer { request in
            guard case .generate(let request) = request else { return [] }
            guard request.requestID == 2 else { return [] }
            return [.piece(piece(2, 1)), failure(2, "no blocks"), .piece(piece(1, 5)), .done(done(1))]
        } _: { session, _, _ in
            let other = session.generate(generate())
            var events: [GenerationEvent] = []
            let error = await #expect(throws: RequestError.self) {
                for try await event in session.generate(generate()) { events.append(event) }
            }
            #expect(events == [.piece(piece(2, 1))] && error?.description == "no blocks")
            var count = 0
            for try await _ in other { count += 1 }
            #expect(count == 2)
        }
    }

    @Test("a coordinator that falls silent is lost, for requests under way and for those to come")
    func lost() async throws {
        try await withPeer { session, loop, record in
            let stream = session.generate(generate())
            _ = loop.post(.reply(.piece(piece(1, 1))))
            try await record.wait(for: .generate(numbered(1)))
            // Once more, for a client that nobody knew yet when the first was sent.
            _ = loop.post(.reply(.piece(piece(1, 1))))
            _ = loop.post(.fallSilent)
            let error = await #expect(throws: ClientError.self) { for try await _ in stream {} }
            guard case .lostCoordinator = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            await #expect(throws: ClientError.self) { try await session.status() }
        }
    }

    @Test("where nobody ever answers there is no coordinator")
    func nobody() async throws {
        let endpoint = try Endpoint("tcp://127.0.0.1:1")
        await #expect(throws: ClientError.noCoordinator(endpoint)) { try await ClientSession.status(of: endpoint) }
    }

    @Test("another life of the coordinator knows nothing of the requests, so it is lost")
    func anotherLife() async throws {
        try await withPeer { request in
            if case .generate(let request) = request { [.piece(piece(request.requestID, 1))] } else { [] }
        } _: { session, loop, _ in
            let error = await #expect(throws: ClientError.self) {
                for try await _ in session.generate(generate()) {
                    _ = loop.post(.replyOfAnotherLife(.piece(piece(1, 2))))
                }
            }
            guard case .lostCoordinator = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("a coordinator that sends far more than was granted is not listened to any more")
    func tooMany() async throws {
        try await withPeer { request in
            // An answer only where the flood did not end the connection, so that this test ends too.
            if case .statusRequest(let id) = request { [.status(status(id))] } else { [] }
        } _: { session, loop, record in
            let stream = session.generate(generate())
            try await record.wait(for: .generate(numbered(1)))
            // In portions that the sockets' queues take, and more of them than are kept.
            for _ in 0..<60 {
                for _ in 0..<100 { _ = loop.post(.reply(.piece(piece(1, 0)))) }
                try await Task.sleep(for: .milliseconds(5))
            }
            // Fails when the connection has ended.
            await #expect(throws: ClientError.self) { try await session.status() }
            var count = 0
            let error = await #expect(throws: ClientError.self) { for try await _ in stream { count += 1 } }
            guard case .tooManyReplies = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(count == 4_096)
        }
    }

    @Test("closing a session fails what has not ended")
    func closed() async throws {
        try await withPeer { session, _, record in
            let stream = session.generate(generate())
            try await record.wait(for: .generate(numbered(1)))
            await session.close()
            let error = await #expect(throws: RequestError.self) { for try await _ in stream {} }
            #expect(error?.description == "the connection ended before the answer was complete")
        }
    }

    private func numbered(_ requestID: UInt64) -> Generate {
        var request = generate()
        request.requestID = requestID
        return request
    }
}
