import Foundation

/// All commands with their options, as argument-parser describes them (`--experimental-dump-help`).
package struct CommandTree: Decodable {
    package struct Command: Decodable {
        package let commandName: String
        package let subcommands: [Command]?
        package let arguments: [Argument]?

        package func subcommand(_ name: String) -> Command? { subcommands?.first { $0.commandName == name } }

        /// The option or flag that is written so, with its dashes.
        package func option(_ spelling: String) -> Argument? { arguments?.first { $0.spellings.contains(spelling) } }

        /// Whether it takes text or ids that stand by themselves.
        package var takesPositionals: Bool { arguments?.contains { $0.kind == "positional" } ?? false }
    }

    package struct Argument: Decodable {
        package struct Name: Decodable {
            package let kind: String
            package let name: String
        }

        /// option, flag or positional
        package let kind: String
        package let names: [Name]?
        package let valueName: String?
        package let allValues: [String]?

        package var spellings: [String] { (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name } }
    }

    package let command: Command

    /// - Parameter dump: the JSON that `--experimental-dump-help` prints.
    package init(dump: String) throws { self = try JSONDecoder().decode(CommandTree.self, from: Data(dump.utf8)) }

    /// The command that arguments call, from the program's own name on, and what is left of the arguments.
    package func called(by arguments: [String]) -> (path: [Command], rest: [String]) {
        var path = [command]
        var rest = arguments[...]
        while let name = rest.first, let next = path[path.count - 1].subcommand(name) {
            path.append(next)
            rest = rest.dropFirst()
        }
        return (path, Array(rest))
    }
}
