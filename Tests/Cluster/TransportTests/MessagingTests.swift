import Testing
import Transport

@Suite("Messages between sockets", .timeLimit(.minutes(1)))
struct MessagingTests {
    @Test("a dealer's message reaches the router with its identity, and the answer finds the way back")
    func roundTrip() async throws {
        let server = TestLoop("server")
        let client = TestLoop("client")
        let (router, endpoint) = try await server.on { try $0.bindRouter(Endpoint(anyLocalPort)) }
        #expect(endpoint.port != 0)
        let dealer = try await client.on { try $0.connectDealer(endpoint) }

        let request: [[UInt8]] = [[UInt8]("hello"), [], [UInt8](repeating: 7, count: 1 << 20)]
        #expect(try await client.on { $0.send(request, on: dealer) } == .sent)
        let (received, socket) = try #require(await server.message())
        #expect(socket == router && received.frames == request && received.senderAddress == "127.0.0.1")
        let peer = try #require(received.peer)
        #expect(try await server.on { $0.send([[1], [2, 3]], on: router, to: peer) } == .sent)
        let (answer, _) = try #require(await client.message())
        #expect(answer.frames == [[1], [2, 3]] && answer.peer == nil)

        try await client.stop()
        try await server.stop()
    }

    @Test("pushed messages arrive in order and complete, however full the queues get")
    func pushPullOrder() async throws {
        let limits = TransportLimits(highWaterMark: 16)
        let source = TestLoop("source", limits: limits)
        let sink = TestLoop("sink", limits: limits)
        let (_, endpoint) = try await sink.on { try $0.bindPull(Endpoint(anyLocalPort)) }
        let push = try await source.on { try $0.connectPush(endpoint) }
        let count = 5_000
        async let sending: Void = {
            for number in 0..<count { try await source.send([[UInt8](number: number)], on: push) }
        }()
        for number in 0..<count {
            let (message, _) = try #require(await sink.message())
            try #require(message.frames == [[UInt8](number: number)])
        }
        try await sending
        try await source.stop()
        try await sink.stop()
    }

    @Test("over IPv6 as over IPv4")
    func overIPv6() async throws {
        let server = TestLoop("server")
        guard let (_, endpoint) = try? await server.on({ try $0.bindPull(Endpoint("tcp://[::1]:0")) }) else {
            // A machine without IPv6.
            return try await server.stop()
        }
        let client = TestLoop("client")
        let push = try await client.on { try $0.connectPush(endpoint) }
        try await client.send([[6]], on: push)
        let (message, _) = try #require(await server.message())
        #expect(endpoint.host == "::1" && message.frames == [[6]] && message.senderAddress == "::1")
        try await client.stop()
        try await server.stop()
    }

    @Test("a push without a peer is full until one is there, and again when it is gone")
    func pushWithoutPeer() async throws {
        let sink = TestLoop("sink")
        let (_, endpoint) = try await sink.on { try $0.bindPull(Endpoint(anyLocalPort)) }
        try await sink.stop()

        let source = TestLoop("source", tickInterval: .milliseconds(10))
        let push = try await source.on { try $0.connectPush(endpoint) }
        #expect(try await source.on { $0.send([[1]], on: push) } == .full)
        let successor = TestLoop("successor")
        try await successor.on { _ = try $0.bindPull(endpoint) }
        try await source.send([[2]], on: push)
        let (message, _) = try #require(await successor.message())
        #expect(message.frames == [[2]])

        try await successor.stop()
        for await case .tick in source.events where try await source.on({ $0.send([[3]], on: push) }) == .full { break }
        try await source.stop()
    }

    @Test("a push to one who does not read becomes full, never blocks, and is told when there is room")
    func fullPush() async throws {
        let limits = TransportLimits(highWaterMark: 2)
        let source = TestLoop("source", limits: limits)
        let sink = TestLoop("sink", limits: limits)
        let (pull, endpoint) = try await sink.on { sockets in
            let bound = try sockets.bindPull(Endpoint(anyLocalPort))
            sockets.setReading(false, of: bound.0)
            return bound
        }
        let push = try await source.on { try $0.connectPush(endpoint) }
        let filling = [UInt8](repeating: 1, count: 1 << 20)
        try await source.send([filling], on: push)
        var sent = 1
        while sent < 1_000, try await source.on({ $0.send([filling], on: push) }) == .sent { sent += 1 }
        #expect(sent < 1_000)

        try await sink.on { $0.setReading(true, of: pull) }
        try await source.send([[2]], on: push)
        // What was `.sent` arrives, in order, and nothing that was `.full`.
        var received = 0
        while let (message, _) = await sink.message(), message.frames != [[2]] {
            received += 1
        }
        #expect(received >= sent)
        try await source.stop()
        try await sink.stop()
    }

    @Test("a socket that is not read keeps its messages until it is")
    func stoppedReading() async throws {
        let sink = TestLoop("sink", tickInterval: .milliseconds(5))
        let source = TestLoop("source")
        let (pull, endpoint) = try await sink.on { try $0.bindPull(Endpoint(anyLocalPort)) }
        let push = try await source.on { try $0.connectPush(endpoint) }
        try await source.send([[0]], on: push)
        _ = await sink.message()

        try await sink.on { $0.setReading(false, of: pull) }
        for number in 1...5 { try await source.send([[UInt8(number)]], on: push) }
        var ticks = 0
        for await event in sink.events {
            if case .received = event { Issue.record("a message came while reading was off") }
            if case .tick = event { ticks += 1 }
            if ticks == 10 { break }
        }
        try await sink.on { $0.setReading(true, of: pull) }
        for number in 1...5 {
            let (message, _) = try #require(await sink.message())
            #expect(message.frames == [[UInt8(number)]])
        }
        try await source.stop()
        try await sink.stop()
    }

    @Test("a router says when a peer is not there, or its queue is full, without holding up others")
    func unreachableAndFullPeers() async throws {
        let server = TestLoop("server", limits: .init(highWaterMark: 2), tickInterval: .milliseconds(10))
        let (router, endpoint) = try await server.on { try $0.bindRouter(Endpoint(anyLocalPort)) }
        #expect(try await server.on { $0.send([[1]], on: router, to: [1, 2, 3]) } == .unreachable)
        #expect(try await server.on { $0.send([[1]], on: router, to: []) } == .unreachable)

        let lazy = TestLoop("lazy", limits: .init(highWaterMark: 2))
        try await lazy.on { sockets in
            let dealer = try sockets.connectDealer(endpoint)
            sockets.setReading(false, of: dealer)
            _ = sockets.send([[0]], on: dealer)
        }
        let (fromLazy, _) = try #require(await server.message())
        let lazyPeer = try #require(fromLazy.peer)
        let filling = [UInt8](repeating: 1, count: 1 << 20)
        var outcome = SendOutcome.sent
        for _ in 0..<1_000 where outcome == .sent {
            outcome = try await server.on { $0.send([filling], on: router, to: lazyPeer) }
        }
        #expect(outcome == .full)

        let keen = TestLoop("keen")
        try await keen.on { _ = $0.send([[9]], on: try $0.connectDealer(endpoint)) }
        let (fromKeen, _) = try #require(await server.message())
        #expect(fromKeen.peer != lazyPeer)
        #expect(try await server.on { $0.send([[8]], on: router, to: fromKeen.peer) } == .sent)
        #expect(try #require(await keen.message()).0.frames == [[8]])

        try await keen.stop()
        let gone = fromKeen.peer
        for await case .tick in server.events
        where try await server.on({ $0.send([[7]], on: router, to: gone) }) == .unreachable { break }
        try await lazy.stop()
        try await server.stop()
    }

    @Test("what can never be sent is refused, and a closed socket reaches nobody")
    func refusedSends() async throws {
        let limits = TransportLimits(maximumFrameBytes: 10, maximumFrames: 3, maximumMessageBytes: 20)
        let loop = TestLoop("loop", limits: limits)
        let (router, endpoint) = try await loop.on { try $0.bindRouter(Endpoint(anyLocalPort)) }
        let (pull, _) = try await loop.on { try $0.bindPull(Endpoint(anyLocalPort)) }
        try await loop.on { sockets in
            let dealer = try sockets.connectDealer(endpoint)
            let ten = [UInt8](repeating: 0, count: 10)
            #expect(sockets.send([], on: dealer) == .refused)
            #expect(sockets.send([ten + [0]], on: dealer) == .refused)
            #expect(sockets.send([ten, ten, [0]], on: dealer) == .refused)
            #expect(sockets.send([[], [], [], []], on: dealer) == .refused)
            #expect(sockets.send([[]], on: dealer, to: [1]) == .refused)
            #expect(sockets.send([[]], on: router) == .refused)
            #expect(sockets.send([[]], on: pull) == .refused)
            #expect(sockets.send([ten, ten, []], on: dealer) == .sent)
            sockets.close(dealer)
            sockets.close(dealer)
            #expect(sockets.send([[]], on: dealer) == .unreachable)
        }
        try await loop.stop()
    }
}
