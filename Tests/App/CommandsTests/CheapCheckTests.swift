import Foundation
import TestSupport
import Testing

/// A file of `cluster/` that lists workers.
func workersFile(_ name: String) -> String { Repository.root.appending(path: "cluster/\(name).yaml").path }

/// What can be seen at once is said before a model is opened or read.
@Suite("Cheap checks come first")
struct CheapCheckTests {
    /// Each with an option that is wrong.
    static let mistakes: [(arguments: [String], part: String)] = [
        (["up", "--workers", "0"], "--workers"), (["up", "--endpoints-file", "/nowhere/x"], "--endpoints-file"),
        (["up", "--kv-memory", "900T"], "--kv-memory"), (["coordinator", "--streams", "0"], "--streams"),
        (["coordinator", "--endpoints-file", "/nowhere/x"], "--endpoints-file"),
        (["coordinator", "--bind", "0.0.0.0"], "--insecure"), (["coordinator", "--bind", "::g"], "--bind"),
        (["worker", "--bind", "::g"], "--bind"), (["worker", "--bind", "0.0.0.0"], "--insecure"),
        (["worker", "--coordinator", "tcp://192.0.2.1:5570"], "--bind"), (["worker", "--threads", "0"], "--threads"),
        (["worker", "--drain-seconds=-1"], "--drain-seconds"),
        (["bench", "model", "--decode", "0"], "--decode"), (["bench", "cluster", "--repeat", "0"], "--repeat"),
        (["bench", "cluster", "--kv-memory", "900T"], "--kv-memory"),
        (["plan", "--workers", workersFile("workers.example"), "--streams", "0"], "--streams"),
        (
            ["simulate", "--workers", workersFile("xl-int8"), "--machines", "2", "--svg", "/nowhere/x"], "--svg"
        ),
    ]

    @Test("a wrong option is told also where the model is not there", arguments: mistakes)
    func missingModel(arguments: [String], part: String) async throws {
        let finished = try await run(arguments + ["--model", "/no-such-model"])
        expectUsage(finished, part)
        #expect(!finished.errors.contains("no-such-model"), "\(finished.errors)")
    }

    @Test("with a wrong option the weights are not read for their digests")
    func digests() async throws {
        let model = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: model) }
        try FileManager.default.copyItem(
            at: URL(filePath: Repository.fieldCaseModel), to: model)
        let digests = model.appendingPathComponent("paceline-digests.json")
        // Other tests may have left some beside the fixture.
        try? FileManager.default.removeItem(at: digests)
        for (arguments, part) in Self.mistakes {
            expectUsage(try await run(arguments + ["--model", model.path]), part)
            #expect(!FileManager.default.fileExists(atPath: digests.path), "\(arguments)")
        }
        #expect(try await run(["model", "inspect", model.path]).status == 0)
        #expect(FileManager.default.fileExists(atPath: digests.path))
    }

    @Test("a port that is in use is told before the model is opened", arguments: ["coordinator", "up"])
    func port(command: String) async throws {
        try await TestCluster.with(workers: 1, started: 0) { cluster in
            let port = try #require(cluster.clientEndpoint.split(separator: ":").last.map(String.init))
            let finished = try await run([command, "--control-port", "0", "--client-port", port, "--model", "/"])
            #expect(finished.status == 1)
            #expect(finished.errors.contains(":\(port): the address is in use"), "\(finished.errors)")
        }
    }
}
