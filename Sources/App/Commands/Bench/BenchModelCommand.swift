import ArgumentParser
import Bench
import Console
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

    @Option(name: .long, help: .init("Lengths of prompts, in tokens.", valueName: "counts"))
    var prompt = NumberList([128])

    @Option(name: .long, help: .init("Tokens that are sampled after a prompt. (default: 24)", valueName: "count"))
    var decode: Int?

    @Option(name: .long, help: .init("Numbers of sequences at once. (default: 1)", valueName: "counts"))
    var batch: NumberList?

    @Option(
        name: .long,
        help: """
            Where the time of one batch goes, instead: prefill of --prompt positions, or decode, a step of --batch \
            sequences with --prompt positions each.
            """)
    var breakdown: ModelBenchRun.Breakdown?

    func validate() throws {
        if breakdown != nil && decode != nil {
            throw ValidationError("--breakdown is of one batch: leave --decode out")
        }
        if breakdown == .prefill && batch != nil {
            throw ValidationError("--breakdown prefill is of one prompt: leave --batch out")
        }
        guard (1...65_536).contains(decode ?? 1) else { throw ValidationError("--decode must be between 1 and 65536") }
        if let batch = batch?.values.first(where: { $0 > 1_024 }) {
            throw ValidationError("--batch \(batch): at most 1024")
        }
    }

    func run() async throws {
        try Processor.requireSupported()
        let model = try modelOptions.open()
        let types = try typeOptions.types(of: model)
        let run = ModelBenchRun(
            .init(prompts: prompt.values, decode: decode ?? 24, batches: batch?.values ?? [1], breakdown: breakdown),
            threads: options.threadCounts, runs: options.runs, isQuick: options.quick
        ) { ProgressBar($0) }
        let report = try await runOnOwnThread("bench model") {
            try run.measure(model, types, directory: model.directory)
        }
        if options.json { return try JSONLine.write(report) }
        try StandardOutput.writeLine(report.machine.text)
        let lines =
            breakdown != nil
            ? TextTable.lines(["THREADS", "ROWS", "OPERATION", "TIME", "SHARE"], report.parts.map(Self.row))
            : TextTable.lines(Self.head, report.results.map(Self.row))
        for line in lines { try StandardOutput.writeLine(line) }
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

    private static func row(_ part: ModelBenchReport.Part) -> [String] {
        [
            "\(part.threads)", "\(part.rows)", part.operation, String(format: "%.2f ms", part.milliseconds),
            percentText(part.share),
        ]
    }
}
