import Testing
import Transport

@Suite("Names that are to be dialled")
struct NameResolutionTests {
    @Test("a name without an address is an error that names endpoint and name")
    func unknown() async throws {
        let endpoint = try Endpoint("tcp://no-such-host.invalid:5570")
        await #expect {
            try await endpoint.checkResolves(within: .seconds(60))
        } throws: { error in
            "\(error)"
                == "coordinator tcp://no-such-host.invalid:5570: the name no-such-host.invalid does not resolve"
        }
    }

    @Test("numbers and localhost are not looked up", arguments: ["127.0.0.1", "[::1]", "localhost", "10.1.2.3"])
    func numeric(host: String) async throws {
        try await Endpoint("tcp://\(host):5570").checkResolves(within: .zero)
    }

    @Test("a resolver that takes too long is not waited for")
    func slow() async throws {
        let endpoint = try Endpoint("tcp://no-such-host.invalid:5570")
        await #expect(throws: TransportError.self) { try await endpoint.checkResolves(within: .zero) }
    }
}
