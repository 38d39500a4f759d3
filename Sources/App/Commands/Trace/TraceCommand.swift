import ArgumentParser
import Client
import Console
import Foundation
import Messages
import ModelFiles
import Observe
import Sessions
import Transport

/// `paceline trace`
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Records what each stage of a cluster computes, batch by batch.",
        discussion: """
            Writes a trace that https://ui.perfetto.dev opens: a row for each stage, a slice for each batch, arrows from \
            stage to stage; what is empty in a row while batches are under way is a bubble. ^C ends the recording early.

            Example:
              paceline trace -o trace.json --seconds 10
              paceline trace -o trace.json --seconds 1 --svg trace.svg
            """)

    @Option(
        name: [.customShort("o"), .customLong("output")], help: .init("The file to write.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var output: String

    @Option(name: .long, help: .init("How long to record.", valueName: "seconds"))
    var seconds: Double = 10

    @Option(
        name: .long, help: .init("Also draw the trace as an SVG picture into this file.", valueName: "file"),
        completion: .file(extensions: ["svg"]))
    var svg: String?

    @Flag(name: .long, help: "Report as one JSON object.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (0.1...3_600).contains(seconds) else {
            throw ValidationError("--seconds must be between 0.1 and 3600")
        }
    }

    func run() async throws {
        // First the files: nobody wants to record for minutes and then learn that the folder does not exist.
        let coordinator = try connection.coordinator
        let file = try outputFile(output, of: "-o")
        let picture = try svg.map { try outputFile($0, of: "--svg") }
        let trace = try await record(coordinator)
        try Self.write(try JSONLine.text(ChromeTrace(trace).events) + "\n", to: file)
        if let picture { try Self.write(TracePicture(trace).svg, to: picture) }
        if trace.lost > 0 {
            StandardError.write("paceline: \(trace.lost) batches went by faster than they could be recorded\n")
        }
        if trace.isFull {
            StandardError.write("paceline: ended at \(RecordedTrace.limit) batches, the most that are recorded\n")
        }
        let report = TraceSummary(trace, file: output)
        if json { try JSONLine.write(report) } else { try StandardOutput.write(report.text) }
    }

    private func record(_ coordinator: Endpoint) async throws -> RecordedTrace {
        let session = ClientSession(coordinator)
        let bar = ProgressBar("recording")
        defer { bar.finish() }
        let recorder = TraceRecorder(session, duration: .seconds(seconds))
        let trace = try await cancelledByInterrupt { try await recorder.record(progress: bar.update) }
        await session.close()
        guard trace.begin != nil else {
            throw RequestError(
                "the coordinator at \(coordinator) gives no traces: it is older than this program")
        }
        return trace
    }

    private static func write(_ text: String, to file: AtomicFile) throws {
        let bytes = Array(text.utf8)
        try file.write(bytes.span.bytes)
        try file.commit(durable: false)
    }
}

extension TraceSummary {
    /// For people.
    var text: String {
        let lines = TextTable.lines(
            ["STAGE", "BATCHES", "ROWS", "BUSY", "BUBBLES", "LONGEST MS", "MS/BATCH", "QUEUE MS"],
            stages.map { stage in
                [
                    stage.name, "\(stage.batches)", "\(stage.rows)", String(format: "%.1f %%", 100 * stage.busy),
                    String(format: "%.1f %%", 100 * stage.bubbles),
                    String(format: "%.2f", stage.longestBubbleMilliseconds),
                    stage.millisecondsPerBatch.map { String(format: "%.2f", $0) } ?? "-",
                    stage.queueMilliseconds.map { String(format: "%.2f", $0) } ?? "-",
                ]
            })
        var summary = String(format: "%d batches in %.1f s", batches, seconds)
        if let wayMilliseconds {
            summary += String(format: ", %.2f ms on the way from one process to the next", wayMilliseconds)
        }
        return "\(file): \(summary); open it at https://ui.perfetto.dev\n\n" + lines.joined(separator: "\n") + "\n"
    }
}
