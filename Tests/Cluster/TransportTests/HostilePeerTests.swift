import TestSupport
import Testing
import Transport

@Suite("Peers that send what they should not", .timeLimit(.minutes(1)))
struct HostilePeerTests {
    /// The two kinds of socket that listen, with what a good peer of theirs is.
    enum Listener: String, CaseIterable {
        case router, pull

        func bind(_ sockets: any Sockets, maximumFrameBytes: Int? = nil) throws -> Endpoint {
            let endpoint = try Endpoint(anyLocalPort)
            return switch self {
            case .router: try sockets.bindRouter(endpoint, maximumFrameBytes: maximumFrameBytes).1
            case .pull: try sockets.bindPull(endpoint, maximumFrameBytes: maximumFrameBytes).1
            }
        }

        func connect(_ sockets: any Sockets, to endpoint: Endpoint) throws -> SocketID {
            switch self {
            case .router: try sockets.connectDealer(endpoint)
            case .pull: try sockets.connectPush(endpoint)
            }
        }

        var peerType: String { self == .router ? "DEALER" : "PUSH" }
    }

    @Test("too many frames or bytes in a message are dropped and counted; the next message arrives")
    func tooLargeMessages() async throws {
        let limits = TransportLimits(maximumFrames: 4, maximumMessageBytes: 1_000)
        let server = TestLoop("server", limits: limits)
        let client = TestLoop("client")
        for listener in Listener.allCases {
            let endpoint = try await server.on { try listener.bind($0) }
            let socket = try await client.on { try listener.connect($0, to: endpoint) }
            for count in [5, 16] {
                try await client.send((0..<count).map { [UInt8($0)] }, on: socket)
            }
            try await client.send([[UInt8](repeating: 0, count: 600), [UInt8](repeating: 0, count: 401)], on: socket)
            try await client.send([[1], [2], [3], [UInt8](repeating: 0, count: 997)], on: socket)
            let (message, _) = try #require(await server.message())
            #expect(message.frames.count == 4)
        }
        let dropped = try await server.on { $0.droppedMessages }
        #expect(dropped.tooManyFrames == 4 && dropped.tooManyBytes == 2)
        try await client.stop()
        try await server.stop()
    }

    @Test("a message of a hundred thousand frames is one dropped message", arguments: Listener.allCases)
    func endlessFrames(listener: Listener) async throws {
        let server = TestLoop("server")
        let endpoint = try await server.on { try listener.bind($0) }
        let endless = (0..<100_000).flatMap { _ in ZMTP.frame([1], hasMore: true) } + ZMTP.frame([1])
        let good = ZMTP.frame([UInt8]("good"))
        #expect(await RawConnection.talk(to: endpoint, as: listener.peerType, endless + good, then: .hangUp))
        #expect(try #require(await server.message()).0.frames == [[UInt8]("good")])
        #expect(try await server.on { $0.droppedMessages }.tooManyFrames == 1)
        try await server.stop()
    }

    @Test("a frame over the limit costs its sender the connection, and only it", arguments: Listener.allCases)
    func oversizeFrame(listener: Listener) async throws {
        let server = TestLoop("server")
        let endpoint = try await server.on { try listener.bind($0, maximumFrameBytes: 1_000) }
        let client = TestLoop("client")
        let large = try await client.on { try listener.connect($0, to: endpoint) }
        let small = try await client.on { try listener.connect($0, to: endpoint) }
        try await client.send([[UInt8](repeating: 1, count: 1_001)], on: large)
        try await client.send([[UInt8](repeating: 2, count: 1_000)], on: small)
        let (message, _) = try #require(await server.message())
        #expect(message.frames == [[UInt8](repeating: 2, count: 1_000)])

        for byteCount: UInt64 in [1_001, 1 << 31, 1 << 62, 1 << 63, .max] {
            let header = ZMTP.longHeader(byteCount: byteCount)
            #expect(await RawConnection.talk(to: endpoint, as: listener.peerType, header, then: .silence))
        }
        try await client.send([[3]], on: small)
        #expect(try #require(await server.message()).0.frames == [[3]])
        try await client.stop()
        try await server.stop()
    }

    @Test("bytes that are no ZeroMQ do not disturb those who speak it", arguments: Listener.allCases)
    func foreignProtocols(listener: Listener) async throws {
        let server = TestLoop("server")
        let endpoint = try await server.on { try listener.bind($0) }
        let client = TestLoop("client")
        let socket = try await client.on { try listener.connect($0, to: endpoint) }
        let foreign: [[UInt8]] = [
            [], [0], [0xff], [UInt8](repeating: 0, count: 10_000), [UInt8](repeating: 0xff, count: 10_000),
            [UInt8]("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"), [UInt8]("SSH-2.0-OpenSSH_9.2p1\r\n"),
            [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3] + [UInt8](repeating: 0x5a, count: 505),
            [UInt8](ZMTP.greeting.prefix(5)), [UInt8](ZMTP.greeting.prefix(32)), ZMTP.greeting,
            ZMTP.greeting + ZMTP.ready(socketType: "SUB"), ZMTP.greeting + ZMTP.ready(socketType: "nonsense"),
            ZMTP.greeting + ZMTP.command("ERROR", [200]), ZMTP.greeting + ZMTP.command("PING", [0, 1]),
            ZMTP.greeting + ZMTP.frame([UInt8]("too early")),
        ]
        for (index, bytes) in foreign.enumerated() {
            #expect(await RawConnection.talk(to: endpoint, bytes, then: .hangUp), "\(bytes.prefix(40))")
            let word = [UInt8]("still there? \(index)")
            try await client.send([word], on: socket)
            #expect(await server.message(startingWith: word) != nil)
        }
        try await client.stop()
        try await server.stop()
    }

    @Test("who connects and then says nothing, or half a greeting, is thrown out", arguments: [0, 1, 11, 63])
    func halfGreeting(byteCount: Int) async throws {
        let server = TestLoop("server", timings: .init(handshake: .milliseconds(100)))
        let endpoint = try await server.on { try $0.bindRouter(Endpoint(anyLocalPort)) }.1
        #expect(await RawConnection.talk(to: endpoint, [UInt8](ZMTP.greeting.prefix(byteCount)), then: .silence))
        try await server.stop()
    }

    @Test("who stops answering pings is thrown out", arguments: Listener.allCases)
    func silentAfterHandshake(listener: Listener) async throws {
        let timings = TransportTimings(heartbeatInterval: .milliseconds(50), heartbeatTimeout: .milliseconds(100))
        let server = TestLoop("server", timings: timings)
        let endpoint = try await server.on { try listener.bind($0) }
        #expect(await RawConnection.talk(to: endpoint, as: listener.peerType, [], then: .silence))
        try await server.stop()
    }

    @Test("a hundred connections of random bytes and damaged ZeroMQ are survived", arguments: [1, 2, 3] as [UInt64])
    func fuzz(seed: UInt64) async throws {
        var random = SplitMix64(seed: TestSeed.value &+ seed)
        let server = TestLoop("server")
        let client = TestLoop("client")
        for listener in Listener.allCases {
            let endpoint = try await server.on { try listener.bind($0, maximumFrameBytes: 1 << 16) }
            let socket = try await client.on { try listener.connect($0, to: endpoint) }
            for connection in 0..<50 {
                // Half of them shake hands first, so that the damage is met behind that.
                let peerType = Bool.random(using: &random) ? listener.peerType : nil
                let bytes = hostileBytes(&random)
                #expect(
                    await RawConnection.talk(to: endpoint, as: peerType, bytes, then: .hangUp),
                    "seed \(TestSeed.value) + \(seed), \(listener), connection \(connection)")
            }
            let word = [UInt8]("are you well?")
            try await client.send([word], on: socket)
            #expect(await server.message(startingWith: word) != nil, "seed \(TestSeed.value) + \(seed), \(listener)")
        }
        try await client.stop()
        try await server.stop()
    }

    /// Random bytes, or frames that would be good but for a few bytes changed, lost or put in.
    private func hostileBytes(_ random: inout SplitMix64) -> [UInt8] {
        func bytes(_ range: Range<Int>) -> [UInt8] {
            (0..<Int.random(in: range, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        if Int.random(in: 0..<4, using: &random) == 0 { return bytes(0..<2_000) }

        var frames = Bool.random(using: &random) ? [] : ZMTP.greeting + ZMTP.ready(socketType: "DEALER")
        for _ in 0..<Int.random(in: 1..<20, using: &random) {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: frames += ZMTP.longHeader(byteCount: random.next() >> UInt64.random(in: 0..<64, using: &random))
            case 1: frames += ZMTP.command("PING", bytes(0..<30))
            case 2: frames += ZMTP.command("SUBSCRIBE", bytes(0..<30))
            default: frames += ZMTP.frame(bytes(0..<200), hasMore: Bool.random(using: &random))
            }
        }
        for _ in 0..<Int.random(in: 0..<4, using: &random) where !frames.isEmpty {
            let place = Int.random(in: 0..<frames.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: frames[place] = UInt8.random(in: 0...255, using: &random)
            case 1: frames.remove(at: place)
            default: frames.insert(contentsOf: bytes(1..<10), at: place)
            }
        }
        return frames
    }
}
