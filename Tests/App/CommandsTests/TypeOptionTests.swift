import Foundation
import Testing

/// `--type` and `--kv` of `paceline up`, and where they do not belong.
@Suite("Options for types")
struct TypeOptionTests {
    @Test("paceline up hands the types to its coordinator, and that to the workers")
    func up() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let cluster = try RunningProcess([
            "up", "--workers", "2", "--threads", "1", "--control-port", "0", "--client-port", "0", "--endpoints-file",
            file, "--type", "int8", "--kv", "f32",
        ])
        do {
            let endpoints = try await waitUntil("the coordinator to listen") { () -> [String: String]? in
                guard let data = FileManager.default.contents(atPath: file) else {
                    return cluster.isRunning ? nil : [:]
                }
                return try JSONDecoder().decode([String: String].self, from: data)
            }
            let clients = try #require(endpoints["clients"])
            let finished = try await run(["status", "--wait", "180", "--json", "--coordinator", clients])
            let status = try #require(try finished.jsonLines().first, "\(finished.errors)")
            #expect(status["weight_type"] as? String == "int8" && status["cache_type"] as? String == "f32")
        } catch {
            cluster.send(signal: SIGTERM)
            _ = await cluster.finish()
            throw error
        }
        cluster.send(signal: SIGTERM)
        let log = await cluster.finish().errors
        for part in ["stage 0 of 2", "stage 1 of 2"] {
            let line = log.split(separator: "\n").first { $0.contains(part) }
            #expect(line?.contains("weights in int8, keys and values in f32") == true, "\(log)")
        }
    }

    @Test(
        "with a cluster they are the coordinator's", arguments: [["--type", "int8"], ["--kv", "f16"], ["--verify"]])
    func withoutLocal(options: [String]) async throws {
        for command in ["generate", "score"] {
            let finished = try await run([command, "A king"] + options)
            #expect(finished.status == 2 && finished.errors.contains("--local"), "\(finished.errors)")
        }
    }
}
