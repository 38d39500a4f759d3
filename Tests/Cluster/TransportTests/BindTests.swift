import Testing
import Transport

@Suite("Binding", .timeLimit(.minutes(1)))
struct BindTests {
    @Test(
        "beyond loopback is refused unless it is asked for",
        arguments: ["tcp://0.0.0.0:5570", "tcp://*:5570", "tcp://[::]:5570", "tcp://192.0.2.1:5570"])
    func loopbackOnly(text: String) async throws {
        let endpoint = try Endpoint(text)
        let loop = TestLoop()
        let error = try await #require(throws: TransportError.self) {
            try await loop.on { _ = try $0.bindRouter(endpoint) }
        }
        #expect(error == .notLoopback(endpoint))
        #expect(
            error.description
                == "refusing to listen on \(text): not a loopback address; give --insecure to listen there without keys"
        )
        try await loop.stop()
    }

    @Test("any address is bound where that is allowed", arguments: ["tcp://0.0.0.0:0", "tcp://*:0"])
    func anyAddress(text: String) async throws {
        let loop = TestLoop(bindPolicy: .anyAddress)
        let (_, bound) = try await loop.on { try $0.bindPull(Endpoint(text)) }
        #expect(!bound.isLoopback)
        let push = try await loop.on { try $0.connectPush(Endpoint(host: "127.0.0.1", port: bound.port)) }
        try await loop.send([[1]], on: push)
        #expect(try #require(await loop.message()).0.frames == [[1]])
        try await loop.stop()
    }

    @Test("localhost is 127.0.0.1, to listen on and to connect to")
    func localhost() async throws {
        let loop = TestLoop()
        let (_, bound) = try await loop.on { try $0.bindPull(Endpoint("localhost:0")) }
        #expect(bound.host == "127.0.0.1")
        let push = try await loop.on { try $0.connectPush(Endpoint(host: "localhost", port: bound.port)) }
        try await loop.send([[1]], on: push)
        #expect(try #require(await loop.message()).0.frames == [[1]])
        try await loop.stop()
    }

    @Test("an address that is in use is named")
    func addressInUse() async throws {
        let loop = TestLoop()
        let (_, bound) = try await loop.on { try $0.bindRouter(Endpoint(anyLocalPort)) }
        let error = try await #require(throws: TransportError.self) {
            try await loop.on { _ = try $0.bindPull(bound) }
        }
        #expect(error == .addressInUse(bound))
        #expect(error.description.contains("cannot listen on \(bound): the address is in use"))
        try await loop.stop()
    }

    @Test("an address of another machine, and a name that has none, are named")
    func addressOfOthers() async throws {
        let loop = TestLoop(bindPolicy: .anyAddress)
        for text in ["tcp://192.0.2.1:5570", "tcp://no-such-host.invalid:5570"] {
            let error = try await #require(throws: TransportError.self) {
                try await loop.on { _ = try $0.bindPull(Endpoint(text)) }
            }
            #expect(error.description.hasPrefix("cannot listen on \(text): "))
        }
        try await loop.stop()
    }

    @Test("to connect one needs a host and a port", arguments: ["tcp://127.0.0.1:0", "tcp://*:5570"])
    func connecting(text: String) async throws {
        let loop = TestLoop()
        let error = try await #require(throws: TransportError.self) {
            try await loop.on { _ = try $0.connectDealer(Endpoint(text)) }
        }
        #expect(error.description.hasPrefix("cannot connect to \(text): "))
        try await loop.stop()
    }
}
