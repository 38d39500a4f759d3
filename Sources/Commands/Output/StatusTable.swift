import Foundation
import Wire

/// A `Status` for people.
struct StatusTable {
    let text: String

    init(_ status: Status) {
        var lines = [
            "\(status.model): \(status.layerCount) layers, context \(status.context)" + Self.types(status),
            status.state,
            "requests: \(status.requests.count) running, \(status.queuedRequests) sequences queued, "
                + "\(status.finishedRequests) finished; \(status.generatedTokens) tokens written",
            "KV cache: \(status.blocks - min(status.freeBlocks, status.blocks)) of \(status.blocks) blocks in use",
        ]
        if status.droppedMessages > 0 { lines.append("messages not understood: \(status.droppedMessages)") }
        if !status.workers.isEmpty {
            lines.append("")
            lines += TextTable.lines(
                [
                    "WORKER", "STATE", "LAYERS", "THREADS", "WEIGHTS", "MS/LAYER 1|8|64", "BATCHES", "BUSY S",
                    "ENDPOINT",
                ],
                status.workers.map(Self.row))
        }
        if !status.requests.isEmpty {
            lines.append("")
            lines += TextTable.lines(
                ["REQUEST", "STATE", "PROMPT", "WRITTEN", "SEQUENCES", "SECONDS"], status.requests.map(Self.row))
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    private static func types(_ status: Status) -> String {
        guard let weights = status.weightType, let cache = status.cacheType else { return "" }
        return ", weights in \(weights), keys and values in \(cache)"
    }

    private static func row(_ worker: WorkerStatus) -> [String] {
        var layers = "-"
        if let first = worker.firstLayer, let count = worker.layerCount, count > 0 {
            layers = "\(first)-\(Int(first) + Int(count) - 1)"
        }
        let speeds = worker.speeds.map { String(format: "%.2f", $0.millisecondsPerLayer) }.joined(separator: "|")
        return [
            worker.name, worker.state, layers, "\(worker.cores) \(worker.instructionSet)",
            worker.weightBytes.map { "\($0 >> 20) MB" } ?? "-", speeds.isEmpty ? "-" : speeds,
            worker.statistics.map { "\($0.batches)" } ?? "-",
            worker.statistics.map { String(format: "%.1f", Double($0.busyMicroseconds) / 1e6) } ?? "-",
            worker.dataEndpoint,
        ]
    }

    private static func row(_ request: RequestStatus) -> [String] {
        [
            "\(request.requestID)", request.state, "\(request.promptTokens)", "\(request.generatedTokens)",
            "\(request.sequences)", String(format: "%.1f", Double(request.ageMilliseconds) / 1_000),
        ]
    }
}
