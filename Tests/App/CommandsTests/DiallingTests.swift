import Foundation
import Testing

/// What is said where a coordinator is dialled and is not there, or not on that port.
@Suite("Dialling a coordinator", .serialized)
struct DiallingTests {
    /// How each command that dials a coordinator is called.
    private static let calls: [String: [String]] = [
        "generate": ["generate", "x"], "score": ["score", "x"], "status": ["status"],
        "trace": ["trace", "-o", "/dev/null"], "worker": ["worker"], "bench cluster": [],
    ]

    private struct Tool: Decodable {
        struct Command: Decodable {
            struct Argument: Decodable {
                struct Name: Decodable { let name: String }
                let names: [Name]?
            }
            let commandName: String
            let subcommands: [Command]?
            let arguments: [Argument]?
        }
        let command: Command
    }

    @Test("every command that takes --coordinator is looked at here")
    func allCommands() async throws {
        let help = try await run(["--experimental-dump-help"])
        let tool = try JSONDecoder().decode(Tool.self, from: Data(help.output.utf8))
        func dialling(_ command: Tool.Command, _ path: [String]) -> [String] {
            let takes = (command.arguments ?? []).contains { ($0.names ?? []).contains { $0.name == "coordinator" } }
            return (takes ? [path.joined(separator: " ")] : [])
                + (command.subcommands ?? []).flatMap { dialling($0, path + [$0.commandName]) }
        }
        let found = dialling(tool.command, [])
        #expect(found.contains("generate") && Set(found).isSubset(of: Self.calls.keys), "\(found)")
    }

    @Test(
        "a name that does not resolve is that error, and nobody is there",
        arguments: ["generate", "score", "status", "worker"])
    func unknownName(command: String) async throws {
        let insecure = command == "worker" ? ["--bind", "0.0.0.0", "--insecure"] : []
        let finished = try await run(
            (Self.calls[command] ?? []) + ["--coordinator", "tcp://no-such-host.invalid:5571"] + insecure)
        #expect(finished.status == 69)
        let line =
            "paceline: coordinator tcp://no-such-host.invalid:5571: the name no-such-host.invalid does not resolve"
        #expect(finished.errors.split(separator: "\n").contains(Substring(line)), "\(finished.errors)")
    }

    @Test("on the other's port, clients and workers are told which port they want")
    func wrongPort() async throws {
        _ = try await ShellCoordinator.with(":") { coordinator in
            let ports = [coordinator.control, coordinator.clients].map { String($0.split(separator: ":")[2]) }
            for command in ["generate", "score", "status"] {
                let finished = try await run((Self.calls[command] ?? []) + ["--coordinator", coordinator.control])
                #expect(finished.status == 2)
                #expect(finished.errors.contains("clients dial port \(ports[1])"), "\(finished.errors)")
            }
            let worker = try await run(["worker", "--coordinator", coordinator.clients])
            #expect(worker.status == 1)
            #expect(worker.errors.contains("workers dial port \(ports[0])"), "\(worker.errors)")
        }
    }

    @Test("a worker without an answer says what to look at")
    func silence() async throws {
        // It takes connections and says nothing.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 5) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(isBound)
        let endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        let worker = try RunningProcess(["worker", "--coordinator", endpoint])
        // Nothing of its standard error can be seen before its end.
        try await Task.sleep(for: .seconds(7))
        worker.send(signal: SIGTERM)
        let finished = await worker.finish()
        #expect(
            finished.errors.contains("no answer from \(endpoint) for 5 s: is `paceline coordinator` running there"),
            "\(finished.errors)")
    }
}
