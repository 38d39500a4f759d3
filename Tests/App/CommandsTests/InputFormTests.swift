import Foundation
import TestSupport
import Testing

/// How text comes into a command.
@Suite("Forms of input")
struct InputFormTests {
    /// Commands that take a text, with what makes them tell its tokens.
    private static let commands = [
        ["tokenize"], ["generate", "--local", "--json", "--max-tokens", "3", "--seed", "1"],
        ["score", "--local", "--json"],
    ]
    private let text = "The old king\nsaid"

    @Test(
        "every command that takes text takes it as argument, from a file and from standard input", arguments: commands)
    func sources(command: [String]) async throws {
        let expected = try await run(command + [text])
        #expect(expected.status == 0, "\(expected.errors)")
        for ending in ["", "\n", "\r\n"] {
            let bytes = Array((text + ending).utf8)
            #expect(try await run(command + ["-"], input: bytes).output == expected.output)
            #expect(try await run(command + ["--file", "-"], input: bytes).output == expected.output)
            let fromFile = try await withFile(bytes) { try await run(command + ["--file", $0]) }
            #expect(fromFile.output == expected.output)
        }
        let windows = Array(text.replacing("\n", with: "\r\n").utf8)
        #expect(try await run(command + ["-"], input: windows).output == expected.output)
    }

    @Test("--verbatim takes every byte, and only one newline is dropped without it", arguments: commands)
    func verbatim(command: [String]) async throws {
        let lines = try await run(command + ["a king\r\n\n"]).output
        #expect(try await run(command + ["-", "--verbatim"], input: Array("a king\r\n\n".utf8)).output == lines)
        let one = try await run(command + ["a king\n"]).output
        #expect(try await run(command + ["-"], input: Array("a king\r\n\n".utf8)).output == one)
    }

    @Test("an empty file or standard input is a mistake unless it is allowed")
    func empty() async throws {
        for command in Self.commands + [["detokenize"]] {
            let hint = command[0] == "score" ? "is empty" : "is empty; --allow-empty"
            expectUsage(try await run(command + ["-"], input: []), "standard input: \(hint)")
            let fromFile = try await withFile([]) { try await run(command + ["--file", $0]) }
            expectUsage(fromFile, hint)
            expectUsage(try await run(command + ["--file", ""]), "--file must name a file")
        }
        for command in [["tokenize"], ["detokenize"], ["generate", "--local", "--max-tokens", "1"]] {
            #expect(try await run(command + ["-", "--allow-empty"], input: []).status == 0)
        }
        expectUsage(try await run(["tokenize", "-"], input: Array("\n".utf8)), "is empty")
        expectUsage(try await run(["score", "-", "--allow-empty"], input: []), "--allow-empty: ")
    }

    @Test("token ids go round: tokenize, detokenize, generate, score")
    func ids() async throws {
        for form in [[], ["--json"]] as [[String]] {
            let ids = Array(try await run(["tokenize", text] + form).output.utf8)
            #expect(try await run(["detokenize", "-"], input: ids).output == text + "\n")
            let fromFile = try await withFile(ids) { try await run(["detokenize", "--file", $0]) }
            #expect(fromFile.output == text + "\n")
            for command in Self.commands.dropFirst() {
                let expected = try await run(command + [text]).output
                #expect(try await run(command + ["--ids", "-"], input: ids).output == expected)
            }
        }
        for command in [["generate", "--ids"], ["score", "--ids"], ["detokenize"]] {
            expectUsage(try await run(command + ["3 x"]), "\"x\" is no token id; expected ids such as")
        }
    }

    @Test("ids that the vocabulary does not have are wrong usage, wherever they stand")
    func unknownIDs() async throws {
        for command in [
            ["detokenize", "99999999"], ["generate", "--local", "--ids", "99999999"],
            ["score", "--local", "--ids", "3 99999999"], ["generate", "--local", "x", "--stop-token", "99999999"],
            ["generate", "--local", "x", "--logit-bias", "99999999:1"],
        ] {
            expectUsage(try await run(command), "99999999")
        }
    }

    @Test("a file that cannot be read is told with the system's reason")
    func unreadable() async throws {
        for command in Self.commands + [["detokenize"]] {
            expectUsage(try await run(command + ["--file", "/nowhere"]), "/nowhere: No such file or directory")
            expectUsage(try await run(command + ["--file", "/tmp"]), "/tmp: Is a directory")
        }
    }

    @Test("documents joined by the end token are scored with it where that is asked for, else there is a warning")
    func separators() async throws {
        let text = "The king died.<|endoftext|>Once upon a time"
        let score = ["score", text, "--local", "--model", Repository.fieldCaseModel]
        #expect(try await run(score + ["--special-tokens"]).output.hasSuffix("perplexity 132.877\n"))
        #expect(try await run(score).errors.contains("--special-tokens"))
    }

    private func withFile(
        _ bytes: [UInt8], _ body: (String) async throws -> Finished
    ) async throws -> Finished {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try await body(file.path())
    }
}
