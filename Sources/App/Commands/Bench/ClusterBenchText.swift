import Bench
import Console
import Foundation
import Observe

extension ClusterBenchReport {
    /// For people.
    var lines: [String] {
        let heading = [
            machine.text, "\(model), prompts of \(Self.text(prompt)) tokens, answers of \(Self.text(decode))",
        ]
        return heading + (results.isEmpty ? [] : comparisonLines) + (load.map(Self.lines) ?? [])
    }

    private static func text(_ range: [Int]) -> String {
        Set(range).count == 1 ? "\(range[0])" : range.map(String.init).joined(separator: " to ")
    }

    private var comparisonLines: [String] {
        let head = [
            "WORKERS", "STREAMS", "ANSWER", "ONE PROCESS", "CLUSTER", "RATIO", "WITH PROMPTS", "CLUSTER", "RATIO",
            "ADDED/HOP",
        ]
        return TextTable.lines(head, results.map(Self.row))
    }

    private static func row(_ result: StreamComparison) -> [String] {
        [
            "\(result.workers)", "\(result.streams)", "\(result.decode)", rate(result.local?.decodeTokensPerSecond),
            rate(result.cluster.decodeTokensPerSecond), result.decodeRatio.map(percentText) ?? "-",
            rate(result.local?.wholeTokensPerSecond), rate(result.cluster.wholeTokensPerSecond),
            result.wholeRatio.map(percentText) ?? "-",
            result.addedMillisecondsPerHop.map { String(format: "%.3f ms", $0) } ?? "-",
        ]
    }

    private static func rate(_ value: Double?) -> String { value.map { String(format: "%.2f tok/s", $0) } ?? "-" }

    private static func lines(_ load: LoadReport) -> [String] {
        let alone = String(
            format: "a prompt alone %.1f tok/s, a step alone %.2f ms, under load %.2f ms",
            load.prefillTokensPerSecondAlone, load.stepMillisecondsAlone, load.stepMillisecondsUnderLoad)
        var lines = [
            "\(load.clients) clients for \(load.seconds) s: \(load.requests) requests, \(load.errors) failed",
            String(
                format: "%.2f tok/s written, %.2f tok/s of prompts", load.tokensPerSecond, load.promptTokensPerSecond),
            "first token: " + text(load.firstTokenSeconds, "%.2f s"),
            "first token ÷ ideal: " + text(load.firstTokenOverIdeal, "%.2f") + " (\(alone))",
            "tokens of a client: least \(load.leastTokensOfClient), "
                + String(format: "median %.0f", load.medianTokensOfClient),
        ]
        if !load.memory.isEmpty {
            let shares = LoadReport.memoryShares.map { "AT " + percentText($0) }
            lines += TextTable.lines(["RESIDENT"] + shares, load.memory.map(row))
        }
        return lines
    }

    private static func row(_ memory: LoadReport.Memory) -> [String] {
        let sizes = zip(memory.resident, memory.anonymous).map {
            ByteCountText.text($0) + ", not of files " + ByteCountText.text($1)
        }
        return [memory.process] + sizes
    }

    private static func text(_ spread: Spread, _ format: String) -> String {
        let values = [spread.median, spread.percentile95, spread.worst].map { String(format: format, $0) }
        return "median \(values[0]), 95 % \(values[1]), worst \(values[2])"
    }
}
