import Foundation
import Testing

/// Two machines that each hold the whole model, as far as the coordinator knows.
@Suite("Several pipelines", .serialized)
struct ReplicaTests {
    private func request(_ number: Int) -> [String] {
        [
            "generate", "The miller's \(number) daughters went into the wood, and", "--max-tokens", "80", "--seed",
            "\(number)", "--ignore-end-of-text", "-n", "2", "--json", "--logprobs", "1",
        ]
    }

    @Test("workers that each carry the whole model make two pipelines, both are used, and answers are the same")
    func replicas() async throws {
        try await TestCluster.with(workers: 2, started: 0) { cluster in
            // Bound to all layers, whatever they happen to measure.
            for machine in ["one", "two"] {
                try cluster.addWorker(["--machine", machine, "--name", machine, "--layers", "0-7"])
            }
            try await cluster.waitUntilReady()
            let running = try (1...8).map { number in
                try RunningProcess(request(number) + ["--coordinator", cluster.clientEndpoint])
            }
            for (number, process) in running.enumerated() {
                let finished = await process.finish()
                let local = try await run(request(number + 1) + ["--local", "--threads", "1"])
                #expect(finished.status == 0, "\(finished.errors)")
                #expect(Self.sorted(finished.output) == Self.sorted(local.output))
            }
            let status = try await cluster.status()
            let pipelines = try #require(status["pipelines"] as? [[String: Any]])
            #expect(pipelines.map { $0["stages"] as? Int } == [1, 1], "\(status["state"] ?? "")")
            // Statistics come with heartbeats.
            _ = try await waitUntil("both to have had batches") { () -> Bool? in
                let workers = try await cluster.status()["workers"] as? [[String: Any]] ?? []
                return workers.count == 2 && workers.allSatisfy { $0["batches"] as? Int ?? 0 > 0 } ? true : nil
            }
        }
    }

    private static func sorted(_ output: String) -> [Substring] { output.split(separator: "\n").sorted() }
}
