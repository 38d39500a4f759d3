import ArgumentParser
import Foundation
import GPT2
import Kernels
import Scheduling

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

    @Option(name: .long, help: "The file that lists the workers; - is standard input.")
    var workers: String

    @Option(name: .long, help: "The model's directory, in Hugging Face's layout. (default: a model of the file's size)")
    var model: String?

    @Option(name: .long, help: "A size of GPT-2 in place of a model: small, medium, large, xl.")
    var size: GPT2Size?

    @OptionGroup var typeOptions: TypeOptions

    @OptionGroup var planOptions: PlanOptions

    @Flag(name: .long, help: "One JSON object.")
    var json = false

    func validate() throws {
        if model != nil, size != nil { throw ValidationError("give --model or --size, not both") }
    }

    func run() throws {
        let file = try WorkersFile(file: workers)
        let (name, configuration, types) = try shape(file)
        let description = ModelDescription(configuration, types)
        let machines = try file.workers(configuration, description)
        let plan = try Planner(
            model: description, workers: machines, objective: planOptions.optimize, streams: planOptions.streams
        ).plan()
        if json { return try JSONLine.write(PlanLine(plan, workers: machines)) }
        let title =
            "\(name): \(description.layerCount) layers, weights in \(types.weights.rawValue), keys and values in "
            + "\(types.cache.rawValue); \(machines.count) workers, for \(planOptions.optimize.rawValue)"
        StandardOutput.write(
            PlanTable(plan, workers: machines, model: description, title: title).text)
    }

    /// The model's name, shape and types: of the directory or size asked for, or as the file says.
    private func shape(_ file: WorkersFile) throws -> (String, GPT2Configuration, ModelTypes) {
        if model != nil {
            let directory = try ModelOptions.directory(model)
            let local = try LocalModel(directory: directory)
            let name = URL(fileURLWithPath: directory).standardizedFileURL.lastPathComponent
            return (name, local.configuration, try typeOptions.types(of: local))
        }
        guard let size = size ?? file.size else {
            throw UsageError("which model? Give --model, or --size, or say model: {size: xl} in \(file.file)")
        }
        let configuration = GPT2Configuration(
            layerCount: size.layerCount, width: size.width, headCount: size.headCount, context: file.context ?? 1_024)
        let weights = typeOptions.type ?? file.type ?? .f32
        let cache = typeOptions.kv ?? file.cacheType ?? (weights == .f32 ? .f32 : .f16)
        return ("gpt2-\(size.rawValue)", configuration, ModelTypes(weights: weights, cache: cache))
    }
}
