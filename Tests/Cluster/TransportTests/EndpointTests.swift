import Testing
import Transport

@Suite("Endpoints")
struct EndpointTests {
    @Test(
        "what is a good endpoint is read, and written in one form",
        arguments: [
            ("tcp://127.0.0.1:5570", "tcp://127.0.0.1:5570"),
            ("127.0.0.1:5570", "tcp://127.0.0.1:5570"),
            ("worker-3.example.org:1", "tcp://worker-3.example.org:1"),
            ("Worker_3:65535", "tcp://worker_3:65535"),
            ("tcp://[::1]:5570", "tcp://[::1]:5570"),
            ("[FE80:0:0:0::7]:5570", "tcp://[fe80::7]:5570"),
            ("[::ffff:127.0.0.1]:5570", "tcp://[::ffff:127.0.0.1]:5570"),
            ("tcp://localhost:0", "tcp://localhost:0"),
            ("tcp://localhost:*", "tcp://localhost:0"),
            ("tcp://*:5570", "tcp://*:5570"),
            ("1password:80", "tcp://1password:80"),
        ])
    func reading(text: String, written: String) throws {
        let endpoint = try Endpoint(text)
        #expect(endpoint.description == written)
        #expect(try Endpoint(written) == endpoint)
        #expect(try Endpoint(host: endpoint.host, port: endpoint.port) == endpoint)
    }

    @Test(
        "what is none is refused in one line that names it",
        arguments: [
            "", " ", ":", "tcp://", "tcp://:", "tcp://host", "tcp://host:", "host", ":5570", "tcp://:5570",
            "host:65536", "host:-1", "host:+1", "host:05570", "host:00", "host:5570 ", " host:5570", "ho st:5570",
            "host:55a", "host:0x10", "host:999999999999999999999999", "host:٣", "host:5570/path", "host:1:2",
            "udp://host:5570", "http://host:5570", "TCP://host:5570", "tcp:host:5570", "tcp://tcp://host:5570",
            "inproc://here:1", "ipc:///tmp/x:1", "::1:5570", "tcp://::1:5570", "[::1]", "[::1]5570", "[::1:5570",
            "::1]:5570", "[]:5570", "[host]:5570", "[127.0.0.1]:5570", "[::1%lo]:5570", "[:::]:5570", "[[::1]]:5570",
            "256.0.0.1:5570", "1.2.3:5570", "127.1:5570", "2130706433:5570", "0x7f000001:5570", "0X7F.1:5570",
            "0177.0.0.1:5570", "1.2.3.4.5:5570", "127.0.0.1.:5570", "host..name:5570", ".host:5570", "host.:5570",
            "-host:5570", "host-:5570", "höst:5570", "host\u{0}:5570", "127.0.0.1\u{0}:5570", "ho\nst:5570",
            "*:*:*", "**:5570", "host:5570\n", "eth0;10.0.0.1:5570", "user@host:5570", "ho:st]:5570",
            String(repeating: "a", count: 64) + ":5570", String(repeating: "a.", count: 150) + "a:5570",
            String(repeating: "[", count: 100_000),
        ])
    func refusing(text: String) throws {
        let error = try #require(throws: TransportError.self) { try Endpoint(text) }
        guard case .malformedEndpoint(text, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!reason.isEmpty)
        #expect(error.description.contains(text.prefix(80).debugDescription.dropLast()))
        #expect(!error.description.contains { $0.isNewline } && error.description.count < 400)
    }

    @Test("parts that are out of range are refused", arguments: [("host", -1), ("host", 65_536), ("", 1), ("a b", 1)])
    func refusingParts(host: String, port: Int) {
        #expect(throws: TransportError.self) { try Endpoint(host: host, port: port) }
    }

    @Test(
        "only this machine's own addresses are loopback",
        arguments: [
            ("127.0.0.1", true), ("127.255.3.4", true), ("::1", true), ("::ffff:127.0.0.1", true),
            ("localhost", true), ("LOCALHOST", true), ("0.0.0.0", false), ("::", false), ("*", false),
            ("10.0.0.1", false), ("128.0.0.1", false), ("::2", false), ("::ffff:10.0.0.1", false), ("fe80::1", false),
            ("localhost.example.org", false), ("127.example.org", false),
        ])
    func loopback(host: String, isLoopback: Bool) throws {
        #expect(try Endpoint(host: host, port: 5570).isLoopback == isLoopback)
    }
}
