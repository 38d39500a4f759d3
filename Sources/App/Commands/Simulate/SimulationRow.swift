import Capacity
import Foundation

extension SimulatedCluster {
    /// Of the table that `paceline simulate` shows.
    static let head = [
        "MACHINES", "LINK", "STREAMS", "PIPELINES × STAGES", "IDLE", "ROWS", "IN FLIGHT", "TOK/S", "BOUND", "SHARE",
        "BUSY", "GAP MS", "FIRST S",
    ]

    var row: [String] {
        let link = [
            gigabitsPerSecond.map { String(format: "%g Gbit/s", $0) }, latencyMs.map { String(format: "%g ms", $0) },
        ].compactMap { $0 }
        let perPipeline =
            stages % pipelines == 0
            ? "\(stages / pipelines)" : String(format: "%.1f", Double(stages) / Double(pipelines))
        return [
            "\(machines)", link.isEmpty ? "as given" : link.joined(separator: ", "), "\(streams)",
            "\(pipelines) × \(perPipeline)", "\(idle)", String(format: "%.1f", rowsPerBatch),
            String(format: "%.1f", batchesInFlight), String(format: "%.0f", decodeTokensPerSecond),
            String(format: "%.0f", boundTokensPerSecond), String(format: "%.0f %%", 100 * share),
            String(format: "%.0f %%", 100 * busy), String(format: "%.0f", medianGapMs),
            String(format: "%.1f", medianFirstTokenMs / 1_000),
        ]
    }
}
