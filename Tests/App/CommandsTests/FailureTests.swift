import Foundation
import Testing

/// What a client sees when something ends, hangs or is given up in the middle.
@Suite("When something fails", .serialized)
struct FailureTests {
    /// A request that is still running long after its first text has come.
    static let longRequest = [
        "generate", "Once upon a time", "--max-tokens", "500", "-n", "64", "--ignore-end-of-text",
    ]

    private func startLong(_ cluster: TestCluster) async throws -> RunningProcess {
        let process = try RunningProcess(
            Self.longRequest + ["--json", "--stream", "--coordinator", cluster.clientEndpoint])
        _ = try await process.firstOutput()
        return process
    }

    @Test("a worker that dies fails the request with a line that names it, and a spare takes its place")
    func workerDies() async throws {
        try await TestCluster.with(workers: 2) { cluster in
            let request = try await startLong(cluster)
            cluster.workers[1].send(signal: SIGKILL)
            let finished = await request.finish()
            #expect(finished.status == 1)
            #expect(finished.errors.contains("worker '"), "\(finished.errors)")
            try cluster.addWorker()
            try await cluster.waitUntilReady()
            #expect(try await cluster.client("generate", "A king", "--max-tokens", "5").status == 0)
        }
    }

    @Test("a worker that hangs fails the request too, not the client")
    func workerHangs() async throws {
        try await TestCluster.with(workers: 2) { cluster in
            let request = try await startLong(cluster)
            cluster.workers[0].send(signal: SIGSTOP)
            let finished = await request.finish()
            #expect(finished.status == 1)
            #expect(finished.errors.contains("has not been heard of"), "\(finished.errors)")
        }
    }

    /// A cancelled batch holds its blocks until it has come back.
    private func waitUntilBlocksAreFree(_ cluster: TestCluster) async throws {
        _ = try await waitUntil("all blocks to be free") {
            let status = try await cluster.status()
            return status["free_blocks"] as? Int == status["blocks"] as? Int ? true : nil
        }
    }

    @Test("a coordinator that dies fails the request; one that never was is exit code 69")
    func coordinatorDies() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            let request = try await startLong(cluster)
            cluster.coordinator.send(signal: SIGKILL)
            let finished = await request.finish()
            #expect(finished.status == 1)
            #expect(finished.errors.contains("stopped answering"), "\(finished.errors)")
            let nobody = try await cluster.client("generate", "A king")
            #expect(nobody.status == 69)
            #expect(nobody.errors.contains("no coordinator answers"), "\(nobody.errors)")
        }
    }

    @Test("^C cancels the request in the cluster, and says so")
    func interrupt() async throws {
        try await TestCluster.with(workers: 2) { cluster in
            let request = try await startLong(cluster)
            request.send(signal: SIGINT)
            let finished = await request.finish()
            #expect(finished.status == 1)
            #expect(finished.output.contains(#""finish_reason":"cancelled""#))
            let status = try await cluster.status()
            #expect((status["requests"] as? [Any])?.isEmpty == true)
            try await waitUntilBlocksAreFree(cluster)
        }
    }

    @Test("a client that is killed is cancelled, and its blocks are free again")
    func clientDies() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            let request = try await startLong(cluster)
            request.send(signal: SIGKILL)
            _ = await request.finish()
            _ = try await waitUntil("the request to be cancelled") {
                let status = try await cluster.status()
                return (status["requests"] as? [Any])?.isEmpty == true ? true : nil
            }
            try await waitUntilBlocksAreFree(cluster)
        }
    }

    @Test("a worker that is asked to leave does so when running requests have ended")
    func workerLeaves() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            let request = try cluster.start(
                "generate", "Once upon a time", "--max-tokens", "400", "--ignore-end-of-text", "--json", "--stream")
            _ = try await request.firstOutput()
            cluster.workers[0].send(signal: SIGTERM)
            let finished = await request.finish()
            #expect(finished.status == 0, "\(finished.errors)")
            let worker = await cluster.workers[0].finish()
            #expect(worker.status == 0, "\(worker.errors)")
            let refused = try await cluster.client("generate", "A king")
            #expect(refused.status == 1 && refused.errors.contains("waiting for workers"), "\(refused.errors)")
        }
    }

    @Test("workers dial again when the coordinator comes back")
    func coordinatorReturns() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            cluster.coordinator.send(signal: SIGKILL)
            _ = await cluster.coordinator.finish()
            let control = try #require(cluster.controlEndpoint.split(separator: ":").last.map(String.init))
            let clients = try #require(cluster.clientEndpoint.split(separator: ":").last.map(String.init))
            let second = try RunningProcess([
                "coordinator", "--model", demoModel, "--control-port", control, "--client-port", clients,
            ])
            let status = try await cluster.client("status", "--wait", "180")
            #expect(status.status == 0, "\(status.errors)")
            #expect(try await cluster.client("generate", "A king", "--max-tokens", "5").status == 0)
            second.send(signal: SIGTERM)
            #expect(await second.finish().status == 0)
        }
    }
}
