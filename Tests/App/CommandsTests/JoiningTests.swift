import Foundation
import Testing

/// Which workers a coordinator takes, and what it tells those it does not.
@Suite("Joining a cluster", .serialized)
struct JoiningTests {
    /// The embedded model with one number of its weights, or of its configuration, changed.
    private func otherModel(_ file: String, _ change: (inout Data) -> Void) throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for name in ["config.json", "model.safetensors", "vocab.json", "merges.txt"] {
            try FileManager.default.copyItem(
                atPath: demoModel + "/" + name, toPath: directory.appendingPathComponent(name).path)
        }
        let url = directory.appendingPathComponent(file)
        var data = try Data(contentsOf: url)
        change(&data)
        try data.write(to: url)
        return directory
    }

    @Test("a worker with another model is refused with the reason, and the coordinator goes on")
    func anotherModel() async throws {
        let weights = try otherModel("model.safetensors") { $0[$0.endIndex - 1_000_000] ^= 1 }
        let configuration = try otherModel("config.json") { data in
            let text = String(decoding: data, as: UTF8.self)
            data = Data(text.replacingOccurrences(of: "1e-05", with: "1e-06").utf8)
        }
        defer { for directory in [weights, configuration] { try? FileManager.default.removeItem(at: directory) } }
        try await TestCluster.with(workers: 1, started: 0) { cluster in
            for directory in [weights, configuration] {
                let refused = try await cluster.addWorker(["--model", directory.path]).finish()
                #expect(refused.status == 1)
                #expect(refused.errors.contains("refused this worker: "), "\(refused.errors)")
                #expect(refused.errors.contains("model"), "\(refused.errors)")
            }
            try cluster.addWorker()
            try await cluster.waitUntilReady()
            #expect(try await cluster.client("generate", "A king", "--max-tokens", "5").status == 0)
        }
    }

    @Test("workers bound to layers with --layers get those, the others what is left")
    func pinned() async throws {
        try await TestCluster.with(workers: 3, started: 0) { cluster in
            try cluster.addWorker(["--layers", "2-3", "--name", "middle"])
            try cluster.addWorker(["--name", "any"])
            try cluster.addWorker(["--layers", "4-7", "--name", "end"])
            try await cluster.waitUntilReady()
            let workers = try #require(try await cluster.status()["workers"] as? [[String: Any]])
            var layers: [String: [Int]] = [:]
            for worker in workers {
                layers[try #require(worker["name"] as? String)] = [
                    try #require(worker["first_layer"] as? Int), try #require(worker["layer_count"] as? Int),
                ]
            }
            #expect(layers == ["any": [0, 2], "middle": [2, 2], "end": [4, 4]])
        }
    }

    @Test("layers that are not in the model are refused by the worker itself")
    func unknownLayers() async throws {
        let finished = try await run(["worker", "--coordinator", "tcp://127.0.0.1:9", "--layers", "6-8"])
        expectUsage(finished, "--layers 6-8: the model has layers 0-7")
    }

    @Test("--kv-memory says how many blocks there are")
    func cacheMemory() async throws {
        try await TestCluster.with(workers: 1, started: 0) { cluster in
            try cluster.addWorker(["--kv-memory", "20M"])
            try await cluster.waitUntilReady()
            // A block is 16 positions of keys and values in f32, 192 wide, in 8 layers.
            #expect(try await cluster.status()["blocks"] as? Int == (20 << 20) / (16 * 2 * 192 * 4 * 8))
        }
    }

    @Test("more workers than layers are refused before anything starts")
    func tooManyWorkers() async throws {
        let finished = try await run(["coordinator", "--workers", "9", "--control-port", "0", "--client-port", "0"])
        #expect(finished.status == 2)
        #expect(finished.errors.contains("--workers 9: the model has 8 layers"), "\(finished.errors)")
    }

    @Test("nobody listens beyond this machine without --insecure")
    func loopbackOnly() async throws {
        let coordinator = try await run([
            "coordinator", "--bind", "0.0.0.0", "--control-port", "0", "--client-port", "0",
        ])
        #expect(coordinator.status == 2 && coordinator.errors.contains("--insecure"), "\(coordinator.errors)")
        let worker = try await run(["worker", "--bind", "0.0.0.0", "--coordinator", "tcp://127.0.0.1:9"])
        #expect(worker.status == 2 && worker.errors.contains("--insecure"), "\(worker.errors)")
    }
}
