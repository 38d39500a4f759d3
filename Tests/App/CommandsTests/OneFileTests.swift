import Foundation
import Testing

/// A copy of the program alone in a directory, without the repository around it.
@Suite("The program copied alone")
struct OneFileTests {
    @Test func `writes the text of the program in its repository, and answers from a cluster`() async throws {
        try await withLoneCopy { program, _ in
            let generate = ["generate", "Once upon a time", "--seed", "1", "--max-tokens", "20"]
            let alone = try await RunningProcess(generate + ["--local"], program: program).finish()
            #expect(alone.status == 0 && !alone.output.isEmpty, "\(alone.errors)")
            #expect(try await run(generate + ["--local", "--model", demoModel]).output == alone.output)

            let endpoints = program.deletingLastPathComponent().appending(path: "endpoints.json")
            let up = try RunningProcess(
                ["up", "--workers", "2", "--control-port", "0", "--client-port", "0", "--endpoints-file"]
                    + [endpoints.path()], program: program)
            defer { up.send(signal: SIGTERM) }
            let clients = try await waitUntil("the file of endpoints") {
                try? JSONDecoder().decode([String: String].self, from: Data(contentsOf: endpoints))["clients"]
            }
            let ready = ["status", "--wait", "60", "--coordinator", clients]
            #expect(try await RunningProcess(ready, program: program).finish().status == 0)
            let answer = try await RunningProcess(generate + ["--coordinator", clients], program: program).finish()
            #expect(answer.output == alone.output)
            up.send(signal: SIGTERM)
            #expect(await up.finish().status == 0)
        }
    }

    @Test func `makes a model with GPT-2's vocabulary, packs its own, and leaves nothing else behind`() async throws {
        try await withLoneCopy { program, directory in
            func made(_ arguments: [String]) async throws {
                let finished = try await RunningProcess(arguments, program: program).finish()
                #expect(finished.status == 0, "\(finished.errors)")
            }
            try await made(
                ["model", "synth", "--size", "small", "--layers", "1", "-o", directory.appending(path: "s").path()])
            try await made(["model", "pack", "--type", "int8", "-o", directory.appending(path: "p").path()])
            for (model, ids) in [("s", "15496 995\n"), ("p", nil)] {
                let tokenize = ["tokenize", "Hello world", "--model", directory.appending(path: model).path()]
                let finished = try await RunningProcess(tokenize, program: program).finish()
                #expect(finished.status == 0 && (ids == nil || finished.output == ids), "\(finished.errors)")
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: directory.path())
            #expect(files.sorted() == ["p", "paceline", "s"])
        }
    }

    private func withLoneCopy(_ body: (_ program: URL, _ directory: URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "paceline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let program = directory.appending(path: "paceline")
        try FileManager.default.copyItem(at: paceline, to: program)
        try await body(program, directory)
    }
}
