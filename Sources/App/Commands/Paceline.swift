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
        do {
            try InputText.validateArguments()
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            CommandFailure(error).exit(of: self)
        }
    }
}
