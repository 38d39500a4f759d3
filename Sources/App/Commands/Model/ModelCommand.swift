import ArgumentParser

/// `paceline model`
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Packs models, makes some of random weights, and shows what is in a model's directory.",
        discussion: """
            Example:
              paceline model synth --size xl -o models/random-xl
              paceline model pack models/random-xl --type int8 -o models/random-xl-int8
              paceline model inspect models/random-xl-int8
            """,
        subcommands: [ModelPackCommand.self, ModelSynthCommand.self, ModelInspectCommand.self])
}
