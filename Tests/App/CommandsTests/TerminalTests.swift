import Foundation
import TestSupport
import Testing

/// Commands at a terminal: what is typed, and how the terminal is left.
@Suite("At a terminal", .serialized)
struct TerminalTests {
    private static let hasEditor: Bool = {
        guard let library = dlopen("libedit.so.2", RTLD_NOW) else { return false }
        dlclose(library)
        return true
    }()

    private static let screen = (begins: "\u{1B}[?1049h", ends: "\u{1B}[?1049l")
    /// What begins each prompt where lines are edited.
    private static let prompt = "\u{1B}[?2004h"

    private static let generate = [
        "generate", "--local", "--model", Repository.fieldCaseModel, "--temperature", "0", "--max-tokens", "6",
    ]

    @Test("prompts are edited, a paste is one, empty ones are ignored, ^C drops one, ^D ends", .enabled(if: hasEditor))
    func editing() async throws {
        let expected = try await run(Self.generate + ["The king\nthe queen"]).output
            .replacingOccurrences(of: "\n", with: "\r\n")
        let person = try TerminalProcess(Self.generate + ["--interactive", "--no-stats"])
        try await person.wait(for: Self.prompt)
        #expect(person.text.contains("^D ends"))
        person.type("\r")
        try await person.wait(for: Self.prompt, times: 2)
        person.type("\u{1B}[200~The king\rthe queen\u{1B}[201~")
        try await person.wait(for: "the queen")
        person.type("\r")
        try await person.wait(for: Self.prompt, times: 3)
        #expect(person.text.components(separatedBy: expected).count == 2, "\(person.text.debugDescription)")
        // The same from the history, and then without a terminal that marks pastes, with a mistake taken back.
        person.type("\u{1B}[A\r")
        try await person.wait(for: Self.prompt, times: 4)
        #expect(person.text.components(separatedBy: expected).count == 3, "\(person.text.debugDescription)")
        person.type("The kimg\u{7F}\u{7F}ng\rthe queen\r")
        try await person.wait(for: Self.prompt, times: 5)
        #expect(person.text.components(separatedBy: expected).count == 4, "\(person.text.debugDescription)")
        person.type("dropped\u{3}")
        try await person.wait(for: Self.prompt, times: 6)
        #expect(!person.isOrdinary)
        person.type("\u{4}")
        #expect(try await person.finish() == 0)
        #expect(person.isOrdinary)
    }

    @Test("the terminal is given back where a signal ends the program at its prompt", .enabled(if: hasEditor))
    func signals() async throws {
        let person = try TerminalProcess(Self.generate + ["--interactive"])
        try await person.wait(for: Self.prompt)
        person.send(signal: SIGTERM)
        _ = try await person.finish()
        #expect(person.isOrdinary && person.text.contains("\u{1B}[?2004l"))
    }

    @Test("without a terminal each line of standard input is a prompt, but for empty ones")
    func lines() async throws {
        let finished = try await run(
            Self.generate + ["--interactive"], input: Array("The king\n\n \nThe queen".utf8))
        let king = try await run(Self.generate + ["The king"]).output
        let queen = try await run(Self.generate + ["The queen"]).output
        #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished.errors)")
        #expect(finished.output == king + queen)
    }

    @Test("status --watch gives the terminal back while it is stopped, and at q")
    func watching() async throws {
        try await TestCluster.with(workers: 1, model: Repository.fieldCaseModel) { cluster in
            let arguments = ["status", "--watch", "--interval", "0.1", "--coordinator", cluster.clientEndpoint]
            let person = try TerminalProcess(arguments)
            try await person.wait(for: Self.screen.begins)
            #expect(!person.isOrdinary)
            person.send(signal: SIGTSTP)
            try await person.wait(for: Self.screen.ends)
            person.send(signal: SIGCONT)
            try await person.wait(for: Self.screen.begins, times: 2)
            person.type("q")
            #expect(try await person.finish() == 0)
            #expect(person.isOrdinary)
            try await person.wait(for: Self.screen.ends, times: 2)

            let dumb = try TerminalProcess(arguments, environment: ["TERM": "dumb"])
            try await dumb.wait(for: "STAGE")
            dumb.send(signal: SIGINT)
            _ = try await dumb.finish()
            #expect(!dumb.text.contains("\u{1B}"))
        }
    }

    @Test("text that is typed ends with one ^D, as is said")
    func typing() async throws {
        for text in ["Hello\n\u{4}", "Hello\u{4}"] {
            let person = try TerminalProcess(["tokenize", "-"])
            try await person.wait(for: "^D on a line of its own")
            person.type(text)
            #expect(try await person.finish() == 0)
            let ids = try await run(["tokenize", "Hello"]).output.trimmingCharacters(in: .whitespacesAndNewlines)
            try await person.wait(for: ids)
        }
    }

    @Test("the scoring of a long text shows how far it is")
    func scoring() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try String(repeating: "The king and the queen went to see the sea. ", count: 10_000)
            .write(to: file, atomically: true, encoding: .utf8)
        let person = try TerminalProcess(["score", "--local", "--file", file.path])
        try await person.wait(for: "scoring [")
        person.send(signal: SIGINT)
        #expect(try await person.finish() == 1)
    }

    @Test("a mapped model whose file is cut short is named")
    func lostPages() async throws {
        let model = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: model) }
        let packed = try await run(["model", "pack", Repository.fieldCaseModel, "--type", "f32", "-o", model])
        #expect(packed.status == 0, "\(packed.errors)")
        let person = try TerminalProcess(
            ["generate", "--local", "--model", model, "--max-tokens", "3", "--interactive"],
            environment: ["TERM": "dumb"])
        try await person.wait(for: "> ")
        person.type("The king\n")
        try await person.wait(for: "> ", times: 2)
        #expect(truncate(model + "/model-layer-0.safetensors", 0) == 0)
        person.type("The queen\n")
        #expect(try await person.finish() == 1)
        try await person.wait(for: "paceline: \(model)/model-layer-0.safetensors: changed while it was in use")
    }
}
