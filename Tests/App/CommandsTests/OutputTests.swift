import Foundation
import Testing

/// Where results cannot go.
@Suite("Output that cannot be written")
struct OutputTests {
    private enum Output: String, CaseIterable {
        case full = ">/dev/full"
        case closed = ">&-"
    }

    /// What each command is called with to write its result. Commands that only run have none.
    private static let results: [String: [String]?] = [
        "up": nil, "coordinator": nil, "worker": nil,
        "generate": ["--local", "Once", "--max-tokens", "2"], "score": ["--local", "Once upon"],
        "tokenize": ["Once"], "detokenize": ["3", "4"], "status": ["--json"],
        "trace": ["-o", "/dev/null", "--seconds", "0.1"],
        "plan": ["--workers", workersFile("workers.example")],
        "simulate": ["--workers", workersFile("workers.example"), "--decode", "2", "--streams", "1"],
        "model inspect": [], "model pack": ["--type", "int8", "-o", "DIRECTORY"],
        "model synth": ["--size", "small", "--layers", "1", "-o", "DIRECTORY"],
        "bench limits": ["--quick"], "bench kernels": ["--quick", "--products", "mlp.c_fc", "--types", "int8"],
        "bench model": ["--quick", "--prompt", "4", "--decode", "2"],
        "bench cluster": ["--workers", "1", "--streams", "1", "--decode", "2", "--prompt", "4", "--repeat", "1"],
    ]

    @Test("is one line and exit code 1, for the result of every command")
    func results() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            for entry in try await CommandList.read().entries {
                let name = entry.path.joined(separator: " ")
                let known = try #require(Self.results[name], "say here how \(name) writes its result")
                guard var arguments = known else { continue }
                if ["status", "trace"].contains(name) { arguments += ["--coordinator", cluster.clientEndpoint] }
                for output in Output.allCases {
                    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
                    defer { try? FileManager.default.removeItem(atPath: directory) }
                    let call = entry.path + arguments.map { $0 == "DIRECTORY" ? directory : $0 }
                    expectRefused(try await shell(call, output), name)
                }
            }
        }
    }

    @Test("is one line and exit code 1 for help, version and completions", arguments: Output.allCases)
    private func help(output: Output) async throws {
        var calls = try await CommandList.read().entries.map { $0.path + ["--help"] }
        calls += [[], ["--version"], ["version"], ["help"], ["--generate-completion-script", "bash"]]
        for call in calls { expectRefused(try await shell(call, output), call.joined(separator: " ")) }
    }

    @Test("cancels the request in the cluster, as a reader that goes away does")
    func cancels() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            for (redirection, status) in [(">/dev/full", 1), ("| head -c 1 >/dev/null; exit ${PIPESTATUS[0]}", 141)] {
                let call = ["generate", "Once", "--max-tokens", "500", "-n", "16", "--ignore-end-of-text"]
                let finished = try await shell(call + ["--coordinator", cluster.clientEndpoint], redirection)
                #expect(finished.status == Int32(status), "\(redirection): \(finished.errors)")
                #expect(finished.errors.isEmpty == (status == 141), "\(finished.errors)")
                let left = try await cluster.status()["requests"] as? [Any]
                #expect(left?.isEmpty == true, "\(redirection)")
            }
        }
    }

    @Test("does not become that of a file: a closed standard error changes nothing")
    func closedErrors() async throws {
        let call = ["generate", "--local", "Once", "--max-tokens", "4", "--seed", "1"]
        #expect(try await shell(call, "2>&-").output == (try await run(call).output))
        let noInput = try await shell(["tokenize", "-"], "<&-")
        expectUsage(noInput, "standard input: it is closed")
    }

    private func expectRefused(_ finished: Finished, _ name: String) {
        #expect(finished.status == 1, "\(name): \(finished.errors)")
        let lines = finished.errors.split(separator: "\n").filter { $0.hasPrefix("paceline: ") }
        #expect(lines.count == 1, "\(name): \(finished.errors)")
        #expect(lines.first?.hasPrefix("paceline: standard output cannot be written: ") == true, "\(name): \(lines)")
    }

    private func shell(_ arguments: [String], _ output: Output) async throws -> Finished {
        try await shell(arguments, output.rawValue)
    }

    private func shell(_ arguments: [String], _ redirection: String) async throws -> Finished {
        try await RunningProcess(
            ["-c", "\"$0\" \"$@\" \(redirection)", paceline.path()] + arguments,
            program: URL(fileURLWithPath: "/bin/bash")
        ).finish()
    }
}
