import Foundation
import Testing

/// SIGHUP is SIGTERM, unless the process was started to outlive its terminal.
@Suite("When the terminal is gone", .serialized)
struct HangUpTests {
    @Test("coordinator and worker end as when they are told to, and a request is cancelled")
    func hangUp() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            let request = try cluster.start(
                "generate", "Once", "--max-tokens", "500", "-n", "64", "--ignore-end-of-text", "--json", "--stream")
            _ = try await request.firstOutput()
            request.send(signal: SIGHUP)
            let finished = await request.finish()
            #expect(finished.status == 1)
            #expect(!finished.output.contains(#""finish_reason":"length""#))
            _ = try await waitUntil("the request to be cancelled") {
                let status = try await cluster.status()
                return (status["requests"] as? [Any])?.isEmpty == true ? true : nil
            }
            for process in [cluster.workers[0], cluster.coordinator] {
                process.send(signal: SIGHUP)
                let ended = await process.finish()
                #expect(ended.status == 0, "\(ended.errors)")
            }
        }
    }

    @Test("up ends with its children")
    func up() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let up = try RunningProcess([
            "up", "--workers", "1", "--control-port", "0", "--client-port", "0", "--endpoints-file", file,
        ])
        _ = try await waitUntil("the cluster to listen") {
            FileManager.default.fileExists(atPath: file) || !up.isRunning ? true : nil
        }
        up.send(signal: SIGHUP)
        #expect(await up.finish().status == 0)
    }

    @Test("under nohup they go on")
    func nohup() async throws {
        let finished = try await ShellCoordinator.with("trap '' HUP") { coordinator in
            coordinator.process.send(signal: SIGHUP)
            for _ in 0..<3 {
                let status = try await run(["status", "--coordinator", coordinator.clients])
                #expect(status.status == 0, "\(status.errors)")
            }
        }
        #expect(finished.status == 0)
    }
}
