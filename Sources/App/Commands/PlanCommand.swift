import ArgumentParser
import Capacity
import Console
import InProcess
import Planning
import Reports

/// `paceline plan`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows, without a cluster, which layers workers would get and what speed to expect.",
        discussion: """
            FILE lists workers in YAML or JSON: how long a layer takes each, its memory and its link. \
            cluster/workers.example.yaml says what may be in it. A running cluster measures its workers itself; \
            `paceline status` shows their milliseconds per layer.

            Example:
              paceline plan --workers cluster/workers.example.yaml
              paceline plan --workers cluster/workers.example.yaml --streams 256 --json
            """)

    @Option(
        name: .long, help: .init("The file that lists the workers; - is standard input.", valueName: "file"),
        completion: .file())
    var workers: String

    @OptionGroup var shape: PlannedModelOptions

    @OptionGroup var planOptions: PlanOptions

    @Flag(name: .long, help: "One JSON object.")
    var json = false

    func run() throws {
        let file = try WorkersFile(try InputText.read(file: workers), file: workers)
        let (name, configuration, types) = try shape.shape(file)
        let description = ModelDescription(configuration, types)
        let machines = try file.workers(configuration, description)
        let plan = try Planner(
            model: description, workers: machines, objective: planOptions.optimize, streams: planOptions.streams
        ).plan()
        if json { return try JSONLine.write(PlanLine(plan, workers: machines)) }
        let title =
            "\(name): \(description.layerCount) layers, weights in \(types.weights.rawValue), keys and values in "
            + "\(types.cache.rawValue); \(machines.count) workers, for \(planOptions.optimize.rawValue)"
        try StandardOutput.write(
            PlanTable(plan, workers: machines, model: description, title: title).text)
    }
}
