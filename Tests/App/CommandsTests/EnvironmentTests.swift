import Foundation
import TestSupport
import Testing

/// Variables that stand for options.
@Suite("The environment")
struct EnvironmentTests {
    private static let base = Repository.fieldCaseModel

    @Test("PACELINE_MODEL names the model where --model does not")
    func model() async throws {
        let tokens = try await run(["tokenize", "A king"], environment: ["PACELINE_MODEL": Self.base]).output
        #expect(try await run(["tokenize", "A king", "--model", Self.base]).output == tokens)
        let missing = try await run(["tokenize", "A king"], environment: ["PACELINE_MODEL": "/no-such-model"])
        expectUsage(missing, "PACELINE_MODEL /no-such-model: ")
        let given = try await run(
            ["tokenize", "A king", "--model", Self.base], environment: ["PACELINE_MODEL": "/no-such-model"])
        #expect(given.output == tokens)
        // An empty one is none, and a request to a cluster has nothing to do with it.
        #expect(try await run(["tokenize", "A king"], environment: ["PACELINE_MODEL": ""]).status == 0)
        let remote = try await run(
            ["generate", "x", "--coordinator", "tcp://127.0.0.1:1"], environment: ["PACELINE_MODEL": "/no-such-model"])
        #expect(remote.status == 69, "\(remote.errors)")
    }

    @Test("PACELINE_COORDINATOR names the cluster of clients, and the host of a worker's coordinator")
    func coordinator() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            let there = ["PACELINE_COORDINATOR": cluster.clientEndpoint]
            let named = try await run(["status", "--ready"], environment: there)
            #expect(named.status == 0, "\(named.errors)")
            let given = try await run(["status", "--coordinator", "tcp://127.0.0.1:1"], environment: there)
            #expect(given.status == 69)
        }
        for command in [["status"], ["generate", "x"], ["score", "x"], ["trace", "-o", "/nowhere/x"], ["worker"]] {
            let wrong = try await run(command, environment: ["PACELINE_COORDINATOR": "http://x"])
            expectUsage(wrong, "PACELINE_COORDINATOR is http://x: expected tcp://HOST:PORT or HOST")
        }
        let elsewhere = try await run(["worker"], environment: ["PACELINE_COORDINATOR": "192.0.2.1"])
        expectUsage(elsewhere, "tcp://192.0.2.1:5570")
        let local = try await run(
            ["generate", "--local", "x", "--max-tokens", "1"], environment: ["PACELINE_COORDINATOR": "http://x"])
        #expect(local.status == 0, "\(local.errors)")
    }

    @Test("PACELINE_LOG is the level where --log-level is not given")
    func log() async throws {
        for command in ["up", "coordinator", "worker"] {
            expectUsage(
                try await run([command], environment: ["PACELINE_LOG": "loud"]), "PACELINE_LOG is loud: expected")
        }
        let quiet = try await run(
            ["coordinator", "--control-port", "0", "--client-port", "0", "--workers", "99"],
            environment: ["PACELINE_LOG": "loud"])
        expectUsage(quiet, "PACELINE_LOG")
    }

    @Test("--help of each option names its variable")
    func help() async throws {
        for entry in try await CommandList.read().entries {
            let help = try await run(entry.path + ["--help"]).output
            for (option, variable) in [
                ("--model", "PACELINE_MODEL"), ("--log-level", "PACELINE_LOG"),
                ("--coordinator", "PACELINE_COORDINATOR"),
            ] where entry.command.option(option) != nil && entry.path != ["bench", "cluster"] {
                #expect(help.contains(variable), "\(entry.path) \(option)")
            }
        }
    }
}
