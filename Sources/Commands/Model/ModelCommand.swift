import ArgumentParser

/// `paceline model`
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Makes models of random weights, and shows what is in a model's directory.",
        discussion: """
            Example:
              paceline model synth --size xl -o models/random-xl
              paceline model inspect models/random-xl
            """,
        subcommands: [ModelSynthCommand.self, ModelInspectCommand.self])
}
