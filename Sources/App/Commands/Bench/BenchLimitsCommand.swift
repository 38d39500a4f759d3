import ArgumentParser
import Bench
import Console
import Foundation
import InProcess
import Kernels
import Observe

/// `paceline bench limits`
struct BenchLimitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Measures what this machine does at most: bytes read, multiply-adds of floats and of bytes.",
        discussion: """
            The buffer that is read is several times the last-level cache. Peaks are of multiply-adds in registers, two \
            operations each.

            Example:
              paceline bench limits --threads 1,2
            """)

    @OptionGroup var options: BenchOptions

    /// What it says, as JSON.
    struct Report: Encodable {
        struct Result: Encodable {
            let threads: Int
            let readBytesPerSecond: Double
            let floatOperationsPerSecond: Double
            let byteOperationsPerSecond: Double
            let bufferBytes: Int
            /// Memory left less for the buffer than four times the last-level cache and a gigabyte.
            let bufferIsBounded: Bool
        }

        let machine: Machine
        let results: [Result]
    }

    func run() async throws {
        try Processor.requireSupported()
        let report = try await runOnOwnThread("bench limits") { [options] in
            let machine = Machine()
            let results = try options.threadCounts.map { threads in
                let runs = try LimitRuns(
                    backend: try Backend(threadCount: threads), machine: machine, quick: options.quick)
                func measure(_ body: () -> Double) -> Double { median((0..<options.runs).map { _ in body() }) }
                return Report.Result(
                    threads: threads, readBytesPerSecond: measure(runs.readBandwidth),
                    floatOperationsPerSecond: measure(runs.floatPeak),
                    byteOperationsPerSecond: measure(runs.dotPeak), bufferBytes: runs.bufferBytes,
                    bufferIsBounded: runs.isBounded)
            }
            return Report(machine: machine, results: results)
        }
        if options.json { return try JSONLine.write(report) }
        try StandardOutput.writeLine(report.machine.text)
        let rows = report.results.map { result in
            [
                "\(result.threads)", rateText(result.readBytesPerSecond, "B/s"),
                rateText(result.floatOperationsPerSecond, "op/s"), rateText(result.byteOperationsPerSecond, "op/s"),
                ByteCountText.text(result.bufferBytes) + (result.bufferIsBounded ? " (all that memory allows)" : ""),
            ]
        }
        for line in TextTable.lines(["THREADS", "READ", "F32 MULTIPLY-ADD", "INT8 DOT", "BUFFER"], rows) {
            try StandardOutput.writeLine(line)
        }
    }
}
