import Console
import Foundation
import Planning

/// A `PlannedCluster` for people.
package struct PlanTable {
    package let text: String

    package init(_ plan: PlannedCluster, workers: [WorkerDescription], model: ModelDescription, title: String) {
        var lines = [
            title, plan.reason,
            "expected: \(Self.speed(plan.tokensPerSecond)) tok/s with \(Self.count(plan.streams, "stream")), "
                + "\(Self.speed(plan.tokensPerSecondAlone)) with one",
        ]
        for (number, pipeline) in plan.pipelines.enumerated() {
            lines += ["", Self.heading(number, pipeline, model)]
            let rows = pipeline.planned?.rows ?? 1
            let head = [
                "STAGE", "WORKER", "LAYERS", "MS AT \(rows) \(rows == 1 ? "ROW" : "ROWS")", "MACHINE, OF SLOWEST",
            ]
            lines += TextTable.lines(head, Self.rows(pipeline, workers, model, rows: rows)).map { "  " + $0 }
        }
        if !plan.idle.isEmpty {
            lines += ["", "idle:"]
            lines += plan.idle.map { "  \(workers[$0.worker].name): \($0.reason)" }
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    private static func heading(_ number: Int, _ pipeline: PlannedPipeline, _ model: ModelDescription) -> String {
        let blocks = pipeline.description.blocks
        var parts = ["pipeline \(number + 1)"]
        if let planned = pipeline.planned {
            parts.append(
                "\(count(planned.streams, "stream")) in \(count(planned.batchesInFlight, "batch", "batches")) of "
                    + "\(planned.rows), "
                    + "\(speed(planned.tokensPerSecond)) tok/s")
        }
        parts.append("\(speed(pipeline.alone.tokensPerSecond)) tok/s with one stream")
        parts.append("\(blocks) KV cache blocks (\(blocks / max(1, model.blocksPerSequence)) full sequences)")
        return parts[0] + ": " + parts.dropFirst().joined(separator: "; ")
    }

    private static func rows(
        _ pipeline: PlannedPipeline, _ workers: [WorkerDescription], _ model: ModelDescription, rows: Int
    ) -> [[String]] {
        let description = pipeline.description
        let milliseconds = description.stages.map { $0.costs.milliseconds(rows: rows) }
        // Stages on one machine take turns: what it takes for all of them counts.
        var hosts: [Int: Double] = [:]
        for (stage, time) in zip(description.stages, milliseconds) { hosts[stage.host, default: 0] += time }
        let slowest = hosts.values.max() ?? 0
        return pipeline.stages.enumerated().map { place, stage in
            let last = stage.layers.upperBound == model.layerCount ? " + head" : ""
            return [
                "\(place)", workers[stage.worker].name,
                "\(stage.layers.lowerBound)-\(stage.layers.upperBound - 1)\(last)",
                String(format: "%.2f", milliseconds[place]),
                String(format: "%.0f %%", 100 * (hosts[description.stages[place].host] ?? 0) / max(slowest, 1e-9)),
            ]
        }
    }

    private static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }

    private static func speed(_ value: Double) -> String { String(format: value >= 100 ? "%.0f" : "%.1f", value) }
}
