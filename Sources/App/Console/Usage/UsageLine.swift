/// A mistake that argument-parser found, as one line that names the option as it was typed, says what is expected, and
/// what to do next.
package struct UsageLine {
    private let message: String
    private let arguments: [String]
    private let command: CommandTree.Command
    private let path: String

    /// - Parameters:
    ///   - message: argument-parser's own.
    ///   - arguments: of the process, without the program's name.
    package init(_ message: String, arguments: [String], tree: CommandTree) {
        self.message = message
        let (commands, rest) = tree.called(by: arguments)
        command = commands[commands.count - 1]
        path = commands.map(\.commandName).joined(separator: " ")
        self.arguments = rest
    }

    /// Without a newline.
    package var text: String {
        if let text = unknownOption ?? wrongValue ?? missing ?? unexpected ?? flagWithValue {
            return text.hasSuffix("?") ? "\(text) See \(path) --help" : "\(text); see \(path) --help"
        }
        return message.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
    }

    // MARK: - Values

    private var wrongValue: String? {
        guard let match = message.wholeMatch(of: /(?s)The value '(.*)' is invalid for '(?:(-\S+) )?<([^>]*)>'(.*)/)
        else { return nil }
        let (value, name, valueName) = (String(match.1), match.2.map(String.init), String(match.3))
        let argument = name.flatMap(command.option) ?? command.arguments?.first { $0.valueName == valueName }
        let said = name.map { "\($0) \(value)" } ?? value
        if match.4.hasPrefix(": ") { return "\(said): \(match.4.dropFirst(2))" }
        return "\(said): expected \(ExpectedForm.text(argument) ?? "another value")"
    }

    private var missing: String? {
        if let match = message.wholeMatch(of: /Missing value for '(-\S+)(?: <[^>]*>)?'/) {
            let name = String(match.1)
            let next = arguments.firstIndex(of: name).map { arguments[($0 + 1)...].first ?? "" } ?? ""
            if next.hasPrefix("-"), command.option(next) == nil {
                return "\(name): a value that begins with - is written \(name)=\(next)"
            }
            return "\(name): its value is missing; expected \(ExpectedForm.text(command.option(name)) ?? "one")"
        }
        if let match = message.wholeMatch(of: /Missing expected argument '(-\S+)? ?(<[^>]*>).*'/) {
            return "\(match.1.map { "\($0) " } ?? "")\(match.2) is missing"
        }
        return nil
    }

    private var flagWithValue: String? {
        message.wholeMatch(of: /(?s)The option '(-\S+)' does not take any value, but '(.*)' was specified\./)
            .map { "\($0.1)=\($0.2): the option takes no value" }
    }

    // MARK: - Options

    /// Also where the parser complains of something else first, as of a prompt that is missing.
    private var unknownOption: String? {
        let match = message.firstMatch(of: /Unknown option '(\S+)'(?:\. Did you mean '(\S+)'\?)?/)
        guard let typed = match.map({ String($0.1) }) ?? (command.subcommands == nil ? unknownDash : nil) else {
            return nil
        }
        if let near = match?.2 { return "unknown option \(typed): did you mean \(near)?" }
        if let inner = command.subcommands?.first(where: { $0.option(typed) != nil }) {
            return "\(typed) goes behind the command: \(path) \(inner.commandName) \(typed)"
        }
        guard command.takesPositionals, typed.wholeMatch(of: /--[a-z][-a-z0-9]*/) == nil else {
            return "unknown option \(typed)"
        }
        return "unknown option \(typed); a text that begins with - goes behind --: \(path) -- \"\(typed)\""
    }

    /// The first argument that begins with a dash and is no option, nor an option's value.
    private var unknownDash: String? {
        var isValue = false
        for argument in arguments {
            if argument == "--" { return nil }
            defer { isValue = command.option(argument)?.kind == "option" }
            guard !isValue, argument.hasPrefix("-"), argument != "-" else { continue }
            let name = argument.prefix { $0 != "=" }
            if command.option(String(name)) == nil { return argument }
        }
        return nil
    }

    // MARK: - Arguments that stand by themselves

    private var unexpected: String? {
        guard message.firstMatch(of: /^(?:Unexpected argument|\d+ unexpected arguments:) '/) != nil else { return nil }
        if let subcommands = command.subcommands, let typed = arguments.first(where: { !$0.hasPrefix("-") }) {
            return unknownCommand(typed, among: subcommands.map(\.commandName))
        }
        guard command.takesPositionals else {
            return "\(path) takes options only; \(message.prefix(1).lowercased())\(message.dropFirst())"
        }
        let value = command.arguments?.first { $0.kind == "positional" }?.valueName ?? "text"
        guard value == "text" else {
            return "\(path) takes one \(value); \(message.prefix(1).lowercased())\(message.dropFirst())"
        }
        let name = command.commandName == "generate" ? "prompt" : value
        return "put the \(name) in quotes\(quoted.map { ": \(path) \"\($0)\"" } ?? ": it has to be one argument")"
    }

    private func unknownCommand(_ typed: String, among known: [String]) -> String {
        let meant = CommandSuggestion.commands(for: typed, among: known)
        let prefix = known.contains(meant.first ?? "") ? path : "paceline"
        let question =
            meant.isEmpty ? "" : ": did you mean \(meant.map { "\(prefix) \($0)" }.joined(separator: " or "))?"
        return "unknown command \(typed)\(question)"
    }

    /// The words in a row that were meant as one text, where they can be shown in quotes as they are.
    private var quoted: String? {
        var best: [String] = []
        var words: [String] = []
        var isValue = false
        for argument in arguments {
            let isWord = !isValue && !argument.hasPrefix("-")
            if isWord { words.append(argument) } else { words = [] }
            if words.count > best.count { best = words }
            isValue = command.option(argument)?.kind == "option"
        }
        let text = best.joined(separator: " ")
        guard best.count > 1, text.count <= 60, !text.contains(where: { "\"$`\\!".contains($0) }) else { return nil }
        return text
    }
}
