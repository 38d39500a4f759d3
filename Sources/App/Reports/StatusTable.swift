import Console
import Foundation
import Messages

/// A `Status` for people.
package struct StatusTable {
    package let text: String

    private static let narrowWidth = 80

    /// - Parameter isWide: with all columns, and lines as long as they are.
    package init(_ status: Status, isWide: Bool) {
        var lines = [
            "\(status.model): \(status.layerCount) layers, context \(status.context)" + Self.types(status),
            status.state,
            Self.requestCounts(status),
            "KV cache: \(status.blocks - min(status.freeBlocks, status.blocks)) of \(status.blocks) blocks in use",
        ]
        lines += Self.cacheLines(status) + Self.pipelineLines(status)
        lines += Self.counterLines(status)
        if let reason = status.planReason { lines.append("plan: \(reason.printable)") }
        if status.droppedMessages > 0 { lines.append("messages not understood: \(status.droppedMessages)") }
        if !isWide { lines = lines.flatMap { TextWrap.lines($0, width: Self.narrowWidth) } }
        if !status.workers.isEmpty { lines += [""] + Self.workerLines(status.workers, isWide: isWide) }
        if !status.requests.isEmpty { lines += [""] + Self.requestLines(status.requests, isWide: isWide) }
        text = lines.joined(separator: "\n") + "\n"
    }

    static func types(_ status: Status) -> String {
        guard let weights = status.weightType, let cache = status.cacheType else { return "" }
        return ", weights in \(weights), keys and values in \(cache)"
    }

    static func requestCounts(_ status: Status) -> String {
        "requests: \(status.requests.count) running, \(status.queuedRequests) sequences queued, "
            + "\(status.finishedRequests) finished; \(status.generatedTokens) tokens written"
    }

    /// How much of the prompts need not be computed, and how often the cache was too small; nothing before the first prompt.
    static func cacheLines(_ status: Status) -> [String] {
        guard let asked = status.prefixQueryTokens, let hit = status.prefixHitTokens, asked > 0 else { return [] }
        let share = String(format: "%.0f %%", 100 * Double(hit) / Double(asked))
        let preemptions = status.preemptions.map { "; \($0) preemptions" } ?? ""
        return ["prompts: \(share) of \(asked) tokens were in the KV cache already\(preemptions)"]
    }

    /// The counters that have counted something, by name.
    static func counterLines(_ status: Status) -> [String] {
        status.counters.filter { $0.value > 0 }
            .map { "\($0.name.printable.replacing("_", with: " ")): \($0.value)" }
    }

    /// A line for each pipeline.
    static func pipelineLines(_ status: Status) -> [String] {
        status.pipelines.map { pipeline in
            let used = pipeline.blocks - min(pipeline.freeBlocks, pipeline.blocks)
            var line = "pipeline \(pipeline.pipeline): \(pipeline.stages) stages, \(pipeline.batchesInFlight)"
            if let limit = pipeline.inFlightLimit { line += " of at most \(limit)" }
            line += " batches in flight"
            if let reason = pipeline.inFlightReason { line += " (\(reason.printable))" }
            line += "; \(used) of \(pipeline.blocks) KV cache blocks in use"
            if let cached = pipeline.cachedBlocks { line += ", \(cached) kept to be reused" }
            return line
        }
    }

    static func layers(of worker: WorkerStatus) -> String {
        guard let first = worker.firstLayer, let count = worker.layerCount, count > 0 else { return "-" }
        return "\(first)-\(Int(first) + Int(count) - 1)"
    }

    private static func workerLines(_ workers: [WorkerStatus], isWide: Bool) -> [String] {
        if isWide {
            return TextTable.lines(
                [
                    "WORKER", "STATE", "LAYERS", "THREADS", "WEIGHTS", "MS/LAYER 1|8|64", "BATCHES", "BUSY S",
                    "ENDPOINT",
                ],
                workers.map(row))
        }
        return TextTable.lines(
            ["WORKER", "STATE", "LAYERS", "THREADS", "WEIGHTS", "MS/LAYER", "BATCHES", "BUSY S"],
            workers.map { worker in
                let speed = worker.speeds.first.map { String(format: "%.2f", $0.millisecondsPerLayer) }
                let all = row(worker)
                return all[0...2] + ["\(worker.cores)", all[4], speed ?? "-", all[6], all[7]]
            }, width: narrowWidth, shortening: 0)
    }

    private static func requestLines(_ requests: [RequestStatus], isWide: Bool) -> [String] {
        TextTable.lines(
            ["REQUEST", "CLIENT", "PRIORITY", "STATE", "PROMPT", "WRITTEN", "SEQUENCES", "SECONDS"], requests.map(row),
            width: isWide ? nil : narrowWidth, shortening: 1)
    }

    private static func row(_ worker: WorkerStatus) -> [String] {
        let speeds = worker.speeds.map { String(format: "%.2f", $0.millisecondsPerLayer) }.joined(separator: "|")
        return [
            worker.name, worker.state, layers(of: worker), "\(worker.cores) \(worker.instructionSet)",
            worker.weightBytes.map { "\($0 >> 20) MB" } ?? "-", speeds.isEmpty ? "-" : speeds,
            worker.statistics.map { "\($0.batches)" } ?? "-",
            worker.statistics.map { String(format: "%.1f", Double($0.busyMicroseconds) / 1e6) } ?? "-",
            worker.dataEndpoint,
        ]
    }

    private static func row(_ request: RequestStatus) -> [String] {
        [
            "\(request.requestID)", request.client?.printable ?? "-", "\(request.priority)", request.state,
            "\(request.promptTokens)", "\(request.generatedTokens)", "\(request.sequences)",
            String(format: "%.1f", Double(request.ageMilliseconds) / 1_000),
        ]
    }
}
