import Foundation
import Testing

/// `paceline up` from its start to its end.
@Suite("Up", .serialized)
struct UpCommandTests {
    private func start(_ options: [String] = []) async throws -> (process: RunningProcess, ready: [String]) {
        let process = try RunningProcess(
            ["up", "--threads", "1", "--control-port", "0", "--client-port", "0"] + options)
        let line = try await waitUntil("the line that says how to use it") { () -> String? in
            let lines = process.errorText.split(separator: "\n").map(String.init)
            if !process.isRunning { return "" }
            return lines.first { $0.contains("ready: ") && $0.hasSuffix("\"") }
        }
        let command = try #require(line.range(of: "ready: paceline ").map { line[$0.upperBound...] })
        return (process, try #require(command.split(separator: "\"").first).split(separator: " ").map(String.init))
    }

    @Test("its start ends with a command that can be typed, and its end has no warnings", arguments: [SIGINT, SIGTERM])
    func startAndStop(signal: Int32) async throws {
        let (up, command) = try await start()
        let answer = try await run(command + ["Once upon a time", "--max-tokens", "3"])
        #expect(answer.status == 0 && !answer.output.isEmpty, "\(command): \(answer.errors)")
        up.send(signal: signal)
        let finished = await up.finish()
        #expect(finished.status == 0 && finished.output.isEmpty)
        #expect(!finished.errors.contains(" warning ") && !finished.errors.contains(" error "), "\(finished.errors)")
        // Each line says which of the processes it is of.
        for name in ["coordinator", "worker-1", "worker-2"] {
            #expect(finished.errors.contains(" info \(name): "), "\(name): \(finished.errors)")
        }
    }

    @Test("it ends with its coordinator's exit code, and one line")
    func childCode() async throws {
        expectUsage(try await run(["up", "--control-port", "0", "--client-port", "0", "--workers", "200"]), "layers")
        let broken = try await run([
            "up", "--control-port", "0", "--client-port", "0", "--model", "/proc/self", "--log-level", "error",
        ])
        #expect(broken.status != 0 && broken.errors.split(separator: "\n").count == 1, "\(broken.errors)")
        let alone = try await run(["coordinator", "--control-port", "0", "--client-port", "0", "--model", "/proc/self"])
        #expect(alone.status == broken.status)
    }

    @Test("a worker that was called wrongly is not started again and again")
    func workerUsage() async throws {
        let finished = try await run(
            ["up", "--control-port", "0", "--client-port", "0", "--workers", "1", "--log-level", "error"],
            environment: ["PACELINE_ISA": "sse9"])
        expectUsage(finished, "PACELINE_ISA")
    }
}
