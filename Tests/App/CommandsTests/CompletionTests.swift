import Foundation
import TestSupport
import Testing

/// What shells and `man` are told of the commands.
@Suite("Completion and manual pages")
struct CompletionTests {
    /// Ends of values that are paths: those have to be completed from the disk.
    private static let paths = ["file", "directory", "path"]

    private func bash(_ script: String) async throws -> Finished {
        try await RunningProcess(["-c", script], program: URL(filePath: "/bin/bash")).finish()
    }

    @Test("there is a script for each shell", arguments: ["bash", "zsh", "fish"])
    func scripts(shell: String) async throws {
        let finished = try await run(["--generate-completion-script", shell])
        #expect(finished.status == 0 && finished.errors.isEmpty)
        for entry in try await CommandList.read().entries {
            for option in entry.options where option.allValues != nil {
                let last = try #require(option.allValues?.last)
                #expect(finished.output.contains(last), "\(entry.path) \(option.spellings)")
            }
        }
    }

    @Test(
        "bash completes commands, values and paths",
        arguments: [
            (["paceline", "gen"], "generate"), (["paceline", "model", "ins"], "inspect"),
            (["paceline", "up", "--log-level", "warn"], "warning"), (["paceline", "generate", "--kv", "f1"], "f16"),
            (["paceline", "up", "--model", "Pack"], "Package.swift"),
            (["paceline", "generate", "--tokenizer", "Sour"], "Sources"),
            (["paceline", "plan", "--workers", "READ"], "README.md"), (["paceline", "status", "--re"], "--ready"),
        ])
    func completes(words: [String], expected: String) async throws {
        let script = try await run(["--generate-completion-script", "bash"]).output
        let last = words.count - 1
        let finished = try await bash(
            """
            \(script)
            cd '\(Repository.root.path)' || exit
            COMP_WORDS=(\(words.joined(separator: " "))); COMP_CWORD=\(last); COMP_LINE='\(words.joined(separator: " "))'
            COMP_POINT=${#COMP_LINE}; COMPREPLY=()
            _paceline paceline '\(words[last])' '\(words[last - 1])'
            compgen -W "${COMPREPLY[*]}" -- '\(words[last])'
            """)
        let found = finished.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(found.contains { $0 == expected || $0 == expected + "/" }, "\(found) \(finished.errors)")
    }

    @Test("each option that takes a path is completed with paths")
    func paths() async throws {
        struct Argument: Decodable {
            let kind: String
            let valueName: String?
            let completionKind: [String: Value]?
            let shouldDisplay: Bool?
        }
        struct Value: Decodable {}
        struct Command: Decodable {
            let commandName: String
            let arguments: [Argument]?
            let subcommands: [Command]?
        }
        struct Root: Decodable { let command: Command }
        let dump = try await run(["--experimental-dump-help"]).output
        var waiting = [try JSONDecoder().decode(Root.self, from: Data(dump.utf8)).command]
        var count = 0
        while let command = waiting.popLast() {
            waiting += command.subcommands ?? []
            for argument in command.arguments ?? [] where Self.paths.contains(argument.valueName ?? "") {
                count += 1
                let kinds = Set((argument.completionKind ?? [:]).keys)
                #expect(!kinds.isDisjoint(with: ["file", "directory"]), "\(command.commandName) \(argument)")
            }
        }
        #expect(count > 20)
    }

    @Test("manual pages have all options with their defaults, and groff has nothing to say of them")
    func manual() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: directory) }
        let written = try await bash("'\(Repository.root.path)/scripts/man.py' '\(paceline.path)' '\(directory.path)'")
        try #require(written.status == 0, "\(written.errors)")
        let checked = try await bash("for page in '\(directory.path)'/*.1; do groff -man -ww -Tutf8 -z \"$page\"; done")
        #expect(checked.status == 0 && checked.errors.isEmpty, "\(checked.errors)")
        for entry in try await CommandList.read().entries {
            let name = (["paceline"] + entry.path).joined(separator: "-")
            let page = try String(contentsOf: directory.appending(path: "\(name).1"), encoding: .utf8)
                .replacing("\\-", with: "-")
            for option in entry.options where option.valueName != "stop-with-parent" {
                for spelling in option.spellings {
                    #expect(page.contains("\\fB\(spelling)\\fR"), "\(name) \(spelling)")
                }
                for value in option.allValues ?? [] { #expect(page.contains(value), "\(name): \(value)") }
            }
        }
        let up = try String(contentsOf: directory.appending(path: "paceline-up.1"), encoding: .utf8)
        #expect(up.contains("(default: 5570)") && up.contains("PACELINE_MODEL"))
    }
}
