import ArgumentParser
import Console
import Foundation

/// The `paceline` command: everything is a subcommand.
public struct Paceline: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "paceline",
        abstract: "Runs GPT-2 on a row of ordinary Linux machines.",
        discussion: """
            Try it at once, with the small model that comes with it:

              paceline up --workers 3
              paceline generate "Once upon a time"      (in another terminal)

            Its version: paceline --version, -V, or version.
            Environment: PACELINE_COORDINATOR, PACELINE_MODEL and PACELINE_LOG stand for --coordinator (of clients; a \
            worker takes its host), --model and --log-level where these are not given.
            Exit codes: 0 done, 1 the request failed, 2 wrong usage, 69 no coordinator there.
            """,
        version: Software.version,
        subcommands: [
            UpCommand.self, CoordinatorCommand.self, WorkerCommand.self, GenerateCommand.self, ScoreCommand.self,
            TokenizeCommand.self, DetokenizeCommand.self, StatusCommand.self, TraceCommand.self, PlanCommand.self,
            SimulateCommand.self,
            ModelCommand.self,
            BenchCommand.self,
        ])

    public init() {}

    /// Parses the process's arguments, runs the command, and exits with its code.
    public static func main() async {
        BrokenPipe.becomesError()
        var command: any ParsableCommand
        do {
            try InputText.validateArguments()
            if [["-V"], ["version"]].contains(Array(CommandLine.arguments.dropFirst())) {
                throw CleanExit.message(Software.version)
            }
            try checkHelp(of: Array(CommandLine.arguments.dropFirst()))
            command = try parseAsRoot()
        } catch {
            CommandFailure(error, isOfArguments: true).exit(of: self)
        }
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            try StandardOutput.close()
        } catch {
            CommandFailure(error, isOfArguments: false).exit(of: self)
        }
    }

    /// The parser's own `help` takes any words. Throws ``UsageError`` for those that are no command.
    private static func checkHelp(of arguments: [String]) throws {
        guard arguments.first == "help", let tree = try? CommandTree(dump: _dumpHelp()) else { return }
        let asked = Array(arguments.dropFirst())
        guard let typed = tree.called(by: asked).rest.first(where: { !$0.hasPrefix("-") }) else { return }
        throw UsageError(UsageLine("Unexpected argument '\(typed)'", arguments: asked, tree: tree).text)
    }
}
