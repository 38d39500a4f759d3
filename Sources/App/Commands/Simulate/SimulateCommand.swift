import ArgumentParser
import Capacity
import Console
import Foundation
import GPT2
import InProcess
import Kernels
import ModelFiles
import Observe
import Planning
import Scheduling

/// `paceline simulate`
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs a load on pretended machines, with the planner and scheduler of a real cluster.",
        discussion: """
            Time is virtual; machines and links take what FILE says of them (see `paceline plan`). With --machines, so many \
            machines like the file's first are simulated, over links of each kind. The bound is the lesser of what the \
            slowest machine does at the rows that batches had, and what the streams do where nothing is in their way.

            Example:
              paceline simulate --workers cluster/workers.example.yaml --streams 64
              paceline simulate --workers cluster/xl-int8.yaml --machines 2,4,8,16,32,64 --gigabits 1,10 --latency 0.1,1,5
            """)

    @Option(
        name: .long, help: .init("The file that lists the workers; - is standard input.", valueName: "file"),
        completion: .file())
    var workers: String

    @OptionGroup var shape: PlannedModelOptions

    @Option(
        name: .long,
        help: .init("Simulate so many machines like the file's first, for example 2,4,8.", valueName: "counts"))
    var machines: NumberList?

    @Option(name: .long, help: .init("With --machines: rates of links, in Gbit/s. (default: 1)", valueName: "rates"))
    var gigabits: RateList?

    @Option(
        name: .long,
        help: .init("With --machines: latencies of links, one way, in milliseconds. (default: 0.1)", valueName: "rates")
    )
    var latency: RateList?

    @Option(
        name: .long,
        help: .init(
            "Streams at once; with --machines for each of them. (default: 64; 16 with --machines)", valueName: "count"))
    var streams: Int?

    @Option(name: .long, help: .init("Tokens of a prompt.", valueName: "count"))
    var prompt: Int = 20

    @Option(name: .long, help: .init("Tokens that each stream samples.", valueName: "count"))
    var decode: Int = 100

    @Option(name: .long, help: .init("What the plan is made for: throughput or latency.", valueName: "goal"))
    var optimize: PlanObjective = .throughput

    @OptionGroup var scheduling: SchedulingOptions

    @Option(
        name: .long, help: .init("Draw tokens a second over machines into this file, as SVG.", valueName: "file"),
        completion: .file(extensions: ["svg"]))
    var svg: String?

    @Flag(name: .long, help: "One JSON object.")
    var json = false

    func validate() throws {
        guard (1...65_536).contains(streams ?? 1) else {
            throw ValidationError("--streams must be between 1 and 65536")
        }
        for (name, count) in [("--prompt", prompt), ("--decode", decode)] {
            guard (1...GPT2Configuration.Limits.contextLength).contains(count) else {
                throw ValidationError("\(name) must be between 1 and \(GPT2Configuration.Limits.contextLength)")
            }
        }
        if svg != nil, machines == nil { throw ValidationError("--svg draws over --machines: give some") }
        for (name, list) in [("--gigabits", gigabits), ("--latency", latency)] where list != nil && machines == nil {
            throw ValidationError("\(name) goes with --machines; without, links are as the file says")
        }
    }

    /// What it says, as JSON.
    private struct Report: Encodable {
        let model: String
        let promptTokens: Int
        let sampledTokens: Int
        let results: [SimulatedCluster]

        // Programs read it under the name that stands here.
        private enum CodingKeys: String, CodingKey {
            case model, promptTokens, results
            case sampledTokens = "drawnTokens"
        }
    }

    func run() throws {
        // First the file to be written: a grid of large clusters takes minutes.
        let picture = try svg.map { try outputFile($0, of: "--svg") }
        let file = try WorkersFile(try InputText.read(file: workers), file: workers)
        let (name, configuration, types) = try shape.shape(file)
        guard prompt + decode <= configuration.contextLength else {
            throw UsageError(
                "\(prompt + decode) positions of prompt and answer: the model has \(configuration.contextLength)")
        }
        let model = ModelDescription(configuration, types)
        let given = try file.workers(configuration, model)
        let run = SimulationRun(
            model: model, objective: optimize, promptTokens: prompt, sampledTokens: decode, limits: scheduling.limits)
        let bar = ProgressBar("simulating")
        let results =
            if let machines {
                try run.grid(
                    like: given[0], machines: machines.values, gigabits: gigabits?.values ?? [1],
                    latencies: latency?.values ?? [0.1],
                    streamsPerMachine: streams ?? 16, progress: bar.update)
            } else { [try run.simulate(given, streams: streams ?? 64)] }
        bar.finish()
        if let picture { try plot(results, title: "\(name), \(types.weights.rawValue)", to: picture) }
        if json {
            return try JSONLine.write(
                Report(model: name, promptTokens: prompt, sampledTokens: decode, results: results))
        }
        for line in TextTable.lines(SimulatedCluster.head, results.map(\.row)) { try StandardOutput.writeLine(line) }
        for reason in Set(results.map { "\($0.machines) machines: \($0.reason)" }).sorted() {
            try StandardOutput.writeLine(reason)
        }
    }

    private func plot(_ results: [SimulatedCluster], title: String, to file: AtomicFile) throws {
        var lines: [ScalingPlot.Line] = []
        for result in results {
            let name = String(format: "%g Gbit/s, %g ms", result.gigabitsPerSecond ?? 0, result.latencyMs ?? 0)
            if lines.last?.name != name { lines.append(ScalingPlot.Line(name: name, points: [])) }
            lines[lines.count - 1].points.append((result.machines, result.decodeTokensPerSecond))
        }
        let bytes = Array(ScalingPlot(title: title, lines: lines).svg.utf8)
        try file.write(bytes.span.bytes)
        try file.commit(durable: false)
    }
}

/// Numbers that need not be whole, given as "0.1,1,5".
struct RateList: ExpressibleByArgument {
    let values: [Double]

    init?(argument: String) {
        let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        let values = numbers.compactMap { $0 }
        guard values.count == numbers.count, values.allSatisfy({ (0.001...10_000).contains($0) }) else { return nil }
        self.values = values
    }
}
