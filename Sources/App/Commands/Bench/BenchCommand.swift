import ArgumentParser

/// `paceline bench`
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures this machine, the products of a model, whole models, and clusters.",
        discussion: """
            Nothing else should run meanwhile. Every share of a limit comes from runs of limit and work in turn, as the median of the \
            paired ratios: what memory delivers changes from minute to minute where a machine has other guests.

            Example:
              paceline bench limits
              paceline bench kernels --types int8 --rows 1,8,16,128
              paceline bench model --model models/gpt2-xl-int8 --batch 1,8,16
              paceline bench cluster --model models/gpt2-xl-int8 --workers 2,4 --streams 1,8,32
            """,
        subcommands: [
            BenchLimitsCommand.self, BenchKernelsCommand.self, BenchModelCommand.self, BenchClusterCommand.self,
        ])
}
