import Foundation
import Testing

/// `--type` and `--kv`: chosen by the coordinator, told to the workers, shown by `paceline status`.
@Suite("Types of weights, keys and values")
struct TypeOptionTests {
    /// A coordinator and a worker on one model, with options for the coordinator.
    private func withCluster(_ options: [String], _ body: (_ clients: String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let cluster = try RunningProcess(
            [
                "up", "--workers", "2", "--threads", "1", "--control-port", "0", "--client-port", "0", "--log-level",
                "info",
            ]
                + ["--endpoints-file", file] + options)
        do {
            let endpoints = try await waitUntil("the coordinator to listen") { () -> [String: String]? in
                guard let data = FileManager.default.contents(atPath: file) else {
                    return cluster.isRunning ? nil : [:]
                }
                return try JSONDecoder().decode([String: String].self, from: data)
            }
            let clients = try #require(endpoints["clients"])
            let ready = try await run(["status", "--wait", "180", "--coordinator", clients])
            try #require(ready.status == 0, "\(ready.errors)")
            try await body(clients)
        } catch {
            cluster.send(signal: SIGTERM)
            _ = await cluster.finish()
            throw error
        }
        cluster.send(signal: SIGTERM)
        let finished = await cluster.finish()
        #expect(finished.errors.contains("weights in"), "\(finished.errors)")
    }

    @Test(
        "a cluster answers as one process does, and says its types",
        arguments: [
            (["--type", "int8"], "int8", "f16"), (["--type", "int4", "--kv", "f32"], "int4", "f32"),
            (["--type", "bf16"], "bf16", "f16"), (["--kv", "f16"], "f32", "f16"), ([], "f32", "f32"),
        ])
    func clusters(options: [String], weights: String, cache: String) async throws {
        let request = [
            "generate", "Once upon a time", "--max-tokens", "30", "--seed", "3", "--json", "--logprobs", "1",
        ]
        let alone = try await run(request + ["--local"] + options)
        try #require(alone.status == 0, "\(alone.errors)")
        try await withCluster(options) { clients in
            #expect(try await run(request + ["--coordinator", clients]).output == alone.output)
            let status = try await run(["status", "--json", "--coordinator", clients]).jsonLines().first
            #expect(status?["weight_type"] as? String == weights)
            #expect(status?["cache_type"] as? String == cache)
            let table = try await run(["status", "--coordinator", clients]).output
            #expect(table.contains("weights in \(weights), keys and values in \(cache)"), "\(table)")
        }
    }

    @Test("types that are none are refused with the option's name")
    func unknown() async throws {
        for (options, part) in [
            (["generate", "--local", "x", "--type", "int3"], "int3"),
            (["generate", "--local", "x", "--kv", "int8"], "int8"),
            (["model", "pack", "--type", "f64", "-o", "/nowhere"], "f64"),
            (["model", "pack", "-o", "/nowhere"], "--type"),
            (["generate", "x", "--type", "int8"], "--local"), (["score", "x", "--verify"], "--local"),
        ] {
            let finished = try await run(options)
            #expect(finished.status == 2 && finished.output.isEmpty)
            #expect(finished.errors.contains(part), "\(options): \(finished.errors)")
        }
    }

    @Test("a model is not packed over itself")
    func overItself() async throws {
        for output in [demoModel, demoModel + "/../demo/."] {
            let finished = try await run(["model", "pack", demoModel, "--type", "int8", "-o", output, "--force"])
            #expect(finished.status == 2)
            #expect(finished.errors.contains("is the model itself"), "\(finished.errors)")
        }
    }
}
