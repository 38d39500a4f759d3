import Console
import Foundation
import Testing

/// All commands of the program, from itself.
struct CommandList {
    struct Entry: CustomTestStringConvertible {
        /// Without the program's name.
        let path: [String]
        let command: CommandTree.Command

        var testDescription: String { (["paceline"] + path).joined(separator: " ") }

        /// Those that `--help` shows or not, but for help and version.
        var options: [CommandTree.Argument] {
            (command.arguments ?? []).filter {
                $0.kind == "option" || $0.kind == "flag" && $0.valueName != "help" && $0.valueName != "version"
            }
        }
    }

    /// Every command that does something itself.
    let entries: [Entry]

    static func read() async throws -> CommandList {
        let dump = try await run(["--experimental-dump-help"]).output
        struct Root: Decodable { let command: CommandTree.Command }
        let root = try JSONDecoder().decode(Root.self, from: Data(dump.utf8)).command
        var entries: [Entry] = []
        func visit(_ command: CommandTree.Command, _ path: [String]) {
            let inner = (command.subcommands ?? []).filter { $0.commandName != "help" }
            if inner.isEmpty { entries.append(Entry(path: path, command: command)) }
            for next in inner { visit(next, path + [next.commandName]) }
        }
        visit(root, [])
        try #require(entries.count >= 17)
        return CommandList(entries: entries)
    }
}

/// Usage is exit code 2, and one line that begins with the program's name.
func expectUsage(_ finished: Finished, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(finished.status == 2, "\(finished.errors)", sourceLocation: sourceLocation)
    #expect(finished.output.isEmpty, sourceLocation: sourceLocation)
    #expect(finished.errors.hasPrefix("paceline: "), "\(finished.errors)", sourceLocation: sourceLocation)
    #expect(
        finished.errors.split(separator: "\n").count == 1, "\(finished.errors)", sourceLocation: sourceLocation)
    for part in parts {
        #expect(finished.errors.contains(part), "\(part): \(finished.errors)", sourceLocation: sourceLocation)
    }
}
