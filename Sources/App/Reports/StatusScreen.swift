import Console
import Foundation
import Messages
import Observe

/// A cluster at work, for people: what `paceline status --watch` shows.
package struct StatusScreen {
    package let lines: [StyledLine]

    package init(_ status: Status, _ rates: StatusRates) {
        var lines = [
            StyledLine(
                text: "\(status.model): \(status.layerCount) layers, context \(status.context)"
                    + StatusTable.types(status), style: .heading),
            StyledLine(text: status.state, style: status.ready ? .good : .warning),
            StyledLine(text: Self.requests(status, rates)),
        ]
        lines += (StatusTable.cacheLines(status) + StatusTable.pipelineLines(status) + StatusTable.counterLines(status))
            .map { StyledLine(text: $0) }
        if let reason = status.planReason { lines.append(StyledLine(text: "plan: \(reason.printable)")) }
        lines += Self.table(
            [
                "STAGE", "WORKER", "STATE", "LAYERS", "BUSY", "WAITING", "QUEUE", "MS/BATCH", "TOKENS/S", "IN/S",
                "OUT/S", "CACHE",
            ],
            status.workers.sorted(by: Self.isBefore).map { Self.row($0, rates.stage(of: $0), status) })
        lines += Self.table(
            ["REQUEST", "CLIENT", "PRIORITY", "STATE", "PROMPT", "WRITTEN", "TOK/S", "FIRST TOKEN", "SECONDS"],
            status.requests.map(Self.row))
        self.lines = lines
    }

    /// As it is written where there is no terminal.
    package var text: String { lines.map(\.text).joined(separator: "\n") + "\n" }

    private static func table(_ head: [String], _ rows: [[String]]) -> [StyledLine] {
        guard !rows.isEmpty else { return [] }
        let lines = TextTable.lines(head, rows)
        return [StyledLine(text: ""), StyledLine(text: lines[0], style: .heading)]
            + lines.dropFirst().map { StyledLine(text: $0) }
    }

    private static func requests(_ status: Status, _ rates: StatusRates) -> String {
        let speed = rates.tokensPerSecond.map { String(format: "%.1f", $0) } ?? "-"
        return "\(speed) tokens/s written; \(StatusTable.requestCounts(status))"
    }

    /// Pipelines in order, their stages in order, then those who stand by.
    private static func isBefore(_ left: WorkerStatus, _ right: WorkerStatus) -> Bool {
        func place(_ worker: WorkerStatus) -> (UInt32, UInt32) {
            worker.stage.map { (worker.pipeline ?? 0, $0) } ?? (.max, .max)
        }
        return place(left) < place(right)
    }

    private static func row(_ worker: WorkerStatus, _ rates: StatusRates.Stage?, _ status: Status) -> [String] {
        [
            worker.stage.map { status.pipelines.count > 1 ? "\(worker.pipeline ?? 0).\($0)" : "\($0)" } ?? "-",
            worker.name, worker.state, StatusTable.layers(of: worker), percent(rates?.busy), percent(rates?.waiting),
            worker.statistics.map { "\($0.queuedBatches)" } ?? "-", decimal(rates?.millisecondsPerBatch),
            decimal(rates?.tokensPerSecond), bytes(rates?.receivedBytesPerSecond), bytes(rates?.sentBytesPerSecond),
            cache(worker, status),
        ]
    }

    private static func row(_ request: RequestStatus) -> [String] {
        [
            "\(request.requestID)", request.client?.printable ?? "-", "\(request.priority)", request.state,
            "\(request.promptTokens)", "\(request.generatedTokens)", decimal(request.tokensPerSecond),
            request.firstTokenMilliseconds.map { "\($0) ms" } ?? "-",
            String(format: "%.1f", Double(request.ageMilliseconds) / 1_000),
        ]
    }

    /// The share of the pipeline's blocks that are in use: in each of its stages the same.
    private static func cache(_ worker: WorkerStatus, _ status: Status) -> String {
        guard worker.stage != nil else { return "-" }
        let pipeline = status.pipelines.first { $0.pipeline == worker.pipeline ?? 0 }
        let (blocks, free) = pipeline.map { ($0.blocks, $0.freeBlocks) } ?? (status.blocks, status.freeBlocks)
        return blocks == 0 ? "-" : percent(Double(blocks - min(free, blocks)) / Double(blocks))
    }

    private static func percent(_ share: Double?) -> String { share.map { String(format: "%.0f %%", 100 * $0) } ?? "-" }

    private static func decimal(_ number: Double?) -> String { number.map { String(format: "%.1f", $0) } ?? "-" }

    private static func bytes(_ count: Double?) -> String {
        count.map { ByteCountText.text(Int(min($0, 1e15))) } ?? "-"
    }
}
