import Foundation
import Testing
import Transport

@Suite("The limit of file descriptors", .serialized)
struct DescriptorLimitTests {
    /// The soft and the hard limit of a process.
    private func limits(_ process: RunningProcess) throws -> [Substring] {
        let text = try String(contentsOfFile: "/proc/\(process.id)/limits", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Max open files") })
        return Array(line.dropFirst("Max open files".count).split(separator: " ").prefix(2))
    }

    @Test("a low one is raised as far as it may be, and that is said")
    func raised() async throws {
        let finished = try await ShellCoordinator.with(
            "ulimit -S -n 60", options: ["--log-level", "debug"]
        ) { coordinator in
            let (limits, own) = (try limits(coordinator.process), try hardLimit())
            #expect(limits == ["\(own)", "\(own)"])
        }
        #expect(finished.errors.contains("at most \(try hardLimit()) file descriptors"), "\(finished.errors)")
    }

    private func hardLimit() throws -> UInt {
        var limit = rlimit()
        try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        return UInt(limit.rlim_max)
    }

    @Test("connections beyond it are cut, counted and said once; those before and after are served")
    func beyond() async throws {
        let finished = try await ShellCoordinator.with("ulimit -n 64") { coordinator in
            let port = try Endpoint(coordinator.clients).port
            var connections: [Int32] = []
            defer { for connection in connections { close(connection) } }
            // No more at once than the system lets wait to be accepted.
            for _ in 0..<90 { connections.append(try connect(port)) }
            let directory = "/proc/\(coordinator.process.id)/fd"
            _ = try await waitUntil("connections to be cut") {
                let open = try FileManager.default.contentsOfDirectory(atPath: directory).count
                return connections.contains(where: isCut) && open < 60 ? true : nil
            }
            #expect(!connections.allSatisfy(isCut))
            for connection in connections { close(connection) }
            connections = []
            let refused = try await waitUntil("status to tell of them") { () -> Int? in
                let status = try await run(["status", "--json", "--coordinator", coordinator.clients])
                return (try status.jsonLines().first?["counters"] as? [String: Int])?["refused_connections"]
            }
            #expect((1...90).contains(refused))
        }
        #expect(finished.status == 0)
        let lines = finished.errors.split(separator: "\n").filter { $0.contains("refused connections") }
        #expect((1...7).contains(lines.count), "\(finished.errors)")
    }

    private func connect(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(descriptor >= 0 && result == 0)
        return descriptor
    }

    /// Whether the other end is closed; greetings of ZeroMQ are read away.
    private func isCut(_ descriptor: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 256)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { continue }
            return count == 0 || errno != EAGAIN
        }
    }
}
