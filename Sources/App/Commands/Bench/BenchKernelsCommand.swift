import ArgumentParser
import Bench
import Console
import Foundation
import InProcess
import Kernels
import Observe

/// Several types of weights in one argument, such as f32,int8.
struct TypeList: ExpressibleByArgument {
    let values: [PackedType]

    init(_ values: [PackedType]) { self.values = values }

    init?(argument: String) {
        let types = argument.split(separator: ",", omittingEmptySubsequences: false).map {
            PackedType(rawValue: String($0))
        }
        values = types.compactMap { $0 }
        guard values.count == types.count else { return nil }
    }

    var defaultValueDescription: String { values.map(\.rawValue).joined(separator: ",") }
}

/// `paceline bench kernels`
struct BenchKernelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Measures the products of GPT-2 XL in every type of weights.",
        discussion: """
            Below 64 rows the weights come from memory: as many copies of a matrix are gone through in turn as do not fit \
            the last-level cache. The limit is the larger of bytes ÷ bandwidth and operations ÷ peak; from 64 rows on it \
            is operations ÷ peak. "× one row" is the time over that of one row, run in turn with it.

            Example:
              paceline bench kernels --types int8,int4 --rows 1,8,16,128 --products mlp.c_fc
            """)

    @OptionGroup var options: BenchOptions

    @Option(name: .long, help: .init("Types of weights.", valueName: "types"))
    var types = TypeList(PackedType.allCases)

    @Option(name: .long, help: .init("Numbers of rows.", valueName: "counts"))
    var rows = NumberList([1, 2, 4, 8, 16, 64, 128])

    @Option(
        name: .long,
        help: .init(
            "Products, by name, for example attn.c_attn,head. (default: all of a layer, and the head)",
            valueName: "names"))
    var products: String?

    /// What it says, as JSON.
    struct Report: Encodable {
        let machine: Machine
        let results: [KernelBench.Result]
    }

    func validate() throws {
        _ = try shapes()
        if let rows = rows.values.first(where: { $0 > 4_096 }) { throw ValidationError("--rows \(rows): at most 4096") }
    }

    func run() async throws {
        try Processor.requireSupported()
        let report = try await runOnOwnThread("bench kernels") { [self] in try measure() }
        if options.json { return try JSONLine.write(report) }
        try StandardOutput.writeLine(report.machine.text)
        for line in TextTable.lines(Self.head, report.results.map(Self.row)) { try StandardOutput.writeLine(line) }
    }

    private func measure() throws -> Report {
        let machine = Machine()
        let bar = ProgressBar("measuring")
        defer { bar.finish() }
        let shapes = try shapes()
        let total = options.threadCounts.count * shapes.count * types.values.count
        var results: [KernelBench.Result] = []
        var done = 0
        for threads in options.threadCounts {
            let backend = try Backend(threadCount: threads)
            let bench = KernelBench(
                backend: backend, limits: try LimitRuns(backend: backend, machine: machine, quick: options.quick),
                runs: options.runs, weightBytes: weightBytes(machine))
            for shape in shapes {
                for type in types.values {
                    bar.update(done, of: total)
                    results += try bench.measure(shape, type, rows: rows.values)
                    done += 1
                }
            }
        }
        return Report(machine: machine, results: results)
    }

    private func weightBytes(_ machine: Machine) -> Int {
        options.quick ? 1 : min(4 * (machine.lastLevelCache ?? 1 << 28), HostFacts.memoryBytes / 4)
    }

    private func shapes() throws -> [KernelBench.Shape] {
        guard let products else { return KernelBench.shapes }
        return try products.split(separator: ",").map { name in
            guard let shape = KernelBench.shapes.first(where: { $0.name == name }) else {
                let known = KernelBench.shapes.map(\.name).joined(separator: ", ")
                throw ValidationError("--products \(name): there are \(known)")
            }
            return shape
        }
    }

    private static let head = [
        "THREADS", "PRODUCT", "SHAPE", "TYPE", "ROWS", "TIME", "BYTES", "OPERATIONS", "OF LIMIT", "× ONE ROW",
    ]

    private static func row(_ result: KernelBench.Result) -> [String] {
        [
            "\(result.threads)", result.product, "\(result.depth)×\(result.columns)", result.type, "\(result.rows)",
            String(format: "%.0f µs", result.microseconds), rateText(result.bytesPerSecond, "B/s"),
            rateText(result.operationsPerSecond, "op/s"), percentText(result.share),
            result.ratioToOneRow.map { String(format: "%.2f", $0) } ?? "-",
        ]
    }
}
