import Foundation
import Testing

/// `paceline status` for scripts and for narrow terminals.
@Suite("Status", .serialized)
struct StatusCommandTests {
    @Test("--ready is exit code 0 only with a plan that is live, and 1 before")
    func ready() async throws {
        try await TestCluster.with(workers: 1, started: 0) { cluster in
            #expect(try await cluster.client("status").status == 0)
            let before = try await cluster.client("status", "--ready")
            #expect(before.status == 1 && before.output.contains("waiting for workers"))
            #expect(before.errors.hasPrefix("paceline: not ready: waiting for workers"), "\(before.errors)")
            #expect(try await cluster.client("status", "--ready", "--wait", "1").status == 1)
            try cluster.addWorker()
            #expect(try await cluster.client("status", "--ready", "--wait", "180").status == 0)
            #expect(try await cluster.client("status", "--ready").status == 0)
        }
    }

    @Test("--ready is exit code 69 where nobody is there")
    func nobody() async throws {
        let finished = try await run(["status", "--ready", "--coordinator", "tcp://127.0.0.1:1"])
        #expect(finished.status == 69)
    }

    @Test("a table has at most 80 columns, and --wide has all columns")
    func columns() async throws {
        try await TestCluster.with(workers: 2, started: 0) { cluster in
            let name = String(repeating: "long-name-", count: 4)
            try cluster.addWorker(["--name", "\(name)one"])
            try cluster.addWorker(["--name", "\(name)two"])
            try await cluster.waitUntilReady()
            let request = try cluster.start(
                "generate", "Once upon a time", "--max-tokens", "400", "--ignore-end-of-text", "-n", "8", "--json",
                "--stream")
            _ = try await request.firstOutput()
            let narrow = try await cluster.client("status").output
            #expect(narrow.contains("REQUEST") && narrow.contains("one  ready") && narrow.contains("…"))
            #expect(narrow.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(narrow)")
            let wide = try await cluster.client("status", "--wide").output
            #expect(wide.contains("ENDPOINT") && wide.contains("\(name)one"), "\(wide)")
            request.send(signal: SIGKILL)
            _ = await request.finish()
        }
    }
}
