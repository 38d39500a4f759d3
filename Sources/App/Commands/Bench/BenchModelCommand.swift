import ArgumentParser
import Bench
import Foundation
import GPT2
import InProcess
import Kernels
import ModelFiles

/// `paceline bench model`
struct BenchModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Measures a whole model in this process: prompts, and tokens of several sequences at once.",
        discussion: """
            Prompts are computed side by side, in batches as large as a worker gets. The limit is the larger of bytes ÷ \
            bandwidth and operations ÷ peak; a step's bytes are all weights once and the keys and values of all positions \
            of all sequences. Weights that fit a cache may pass the limit of memory. With --breakdown, \
            where the time of one batch goes, operation by operation: of a whole prompt, or of a step of all sequences.

            Example:
              paceline bench model --model models/gpt2-xl-int8 --prompt 128 --decode 24 --batch 1,8,16
              paceline bench model --model models/gpt2-xl-int8 --breakdown prefill --prompt 128
            """)

    @OptionGroup var modelOptions: ModelOptions

    @OptionGroup var typeOptions: TypeOptions

    @OptionGroup var options: BenchOptions

    @Option(name: .long, help: "Lengths of prompts, in tokens.")
    var prompt = NumberList([128])

    @Option(name: .long, help: "Tokens that are drawn after a prompt.")
    var decode: Int = 24

    @Option(name: .long, help: "Numbers of sequences at once.")
    var batch = NumberList([1])

    @Option(
        name: .long,
        help: """
            Where the time of one batch goes, instead: prefill of --prompt positions, or decode, a step of --batch \
            sequences with --prompt positions each.
            """)
    var breakdown: Breakdown?

    enum Breakdown: String, CaseIterable, ExpressibleByArgument {
        case prefill, decode
    }

    /// What it says, as JSON.
    struct Report: Encodable {
        struct Part: Encodable {
            let threads: Int
            let rows: Int
            let operation: String
            let milliseconds: Double
            let share: Double
        }

        let machine: Machine
        let model: String
        var results: [ModelBench.Result] = []
        var parts: [Part] = []
    }

    func validate() throws {
        guard (1...65_536).contains(decode) else { throw ValidationError("--decode must be between 1 and 65536") }
        if let batch = batch.values.first(where: { $0 > 1_024 }) {
            throw ValidationError("--batch \(batch): at most 1024")
        }
    }

    func run() async throws {
        try Processor.requireSupported()
        let directory = try modelOptions.directory()
        let report = try await runOnOwnThread("bench model") { [self] in try measure(directory) }
        if options.json { return try JSONLine.write(report) }
        StandardOutput.writeLine(report.machine.text)
        let lines =
            breakdown != nil
            ? TextTable.lines(["THREADS", "ROWS", "OPERATION", "TIME", "SHARE"], report.parts.map(Self.row))
            : TextTable.lines(Self.head, report.results.map(Self.row))
        for line in lines { StandardOutput.writeLine(line) }
    }

    private func measure(_ directory: String) throws -> Report {
        let machine = Machine()
        let model = try LocalModel(directory: directory)
        let types = try typeOptions.types(of: model)
        let longest = (prompt.values.max() ?? 1) + (breakdown == nil ? decode : 1)
        guard longest <= model.configuration.contextLength else {
            throw UsageError(
                "\(longest) positions of prompt and answer: the model has \(model.configuration.contextLength)")
        }
        var report = Report(machine: machine, model: directory)
        for threads in options.threadCounts {
            let team = try ThreadTeam(threadCount: threads)
            let bar = ProgressBar("loading")
            let stage = try PipelineStage(
                configuration: model.configuration, files: model.weights,
                layers: 0..<model.configuration.layerCount,
                blockCount: (batch.values.max() ?? 1) * ModelBench.blocks(positions: longest), weights: types.weights,
                cache: types.cache, team: team
            ) { bar.update($0, of: $1) }
            bar.finish()
            if let breakdown {
                for shape in shapes(breakdown) { report.parts += try parts(stage, threads: threads, shape) }
            } else {
                let limits = try LimitRuns(team: team, machine: machine, quick: options.quick)
                report.results += try results(
                    ModelBench(stage: stage, limits: limits, threads: threads, runs: options.runs))
            }
        }
        return report
    }

    private func results(_ bench: ModelBench) throws -> [ModelBench.Result] {
        let bar = ProgressBar("measuring")
        defer { bar.finish() }
        let total = prompt.values.count * batch.values.count
        var results: [ModelBench.Result] = []
        for prompt in prompt.values {
            for batch in batch.values {
                bar.update(results.count, of: total)
                results.append(try bench.measure(prompt: prompt, decode: decode, batch: batch))
            }
        }
        return results
    }

    private func shapes(_ breakdown: Breakdown) -> [PipelineStage.BatchShape] {
        prompt.values.flatMap { prompt -> [PipelineStage.BatchShape] in
            switch breakdown {
            case .prefill: [.init(sequences: 1, start: 0, rowsPerSequence: prompt)]
            case .decode: batch.values.map { .init(sequences: $0, start: prompt, rowsPerSequence: 1) }
            }
        }
    }

    private func parts(_ stage: PipelineStage, threads: Int, _ shape: PipelineStage.BatchShape) throws -> [Report.Part]
    {
        let parts = try stage.breakdown(shape, repetitions: options.runs)
        let total = parts.reduce(0) { $0 + $1.milliseconds }
        return parts.map { part in
            Report.Part(
                threads: threads, rows: shape.rows, operation: part.operation, milliseconds: part.milliseconds,
                share: part.milliseconds / total)
        }
    }

    private static let head = [
        "THREADS", "TYPE", "KV", "PROMPT", "BATCH", "PREFILL", "OF LIMIT", "DECODE", "OF LIMIT", "READ", "PEAK",
    ]

    private static func row(_ result: ModelBench.Result) -> [String] {
        [
            "\(result.threads)", result.type, result.cacheType, "\(result.prompt)", "\(result.batch)",
            String(format: "%.1f tok/s", result.prefillTokensPerSecond), percentText(result.prefillShare),
            String(format: "%.1f tok/s", result.decodeTokensPerSecond), percentText(result.decodeShare),
            rateText(result.readBytesPerSecond, "B/s"), rateText(result.operationsPerSecond, "op/s"),
        ]
    }

    private static func row(_ part: Report.Part) -> [String] {
        [
            "\(part.threads)", "\(part.rows)", part.operation, String(format: "%.2f ms", part.milliseconds),
            percentText(part.share),
        ]
    }
}
