import Foundation
import Planning
import Scheduling
import Simulation

/// One row of `paceline simulate`: machines, what the planner makes of them, and what comes of that.
struct SimulatedCluster: Encodable {
    let machines: Int
    let gigabitsPerSecond: Double?
    let latencyMs: Double?
    let streams: Int
    let pipelines: Int
    let stages: Int
    let idle: Int
    let plannedTokensPerSecond: Double
    let decodeTokensPerSecond: Double
    let boundTokensPerSecond: Double
    let share: Double
    let rowsPerBatch: Double
    let batchesInFlight: Double
    let medianGapMs: Double
    let longestGapMs: Double
    let medianFirstTokenMs: Double
    let longestFirstTokenMs: Double
    /// Of all stages, on average.
    let busy: Double
    /// Why so many pipelines.
    let reason: String

    /// Plans for the workers and runs the streams through what was planned, on a virtual clock.
    /// - Throws: ``PlanningError``, ``AdmissionError``.
    init(
        workers: [WorkerDescription], model: ModelDescription, objective: PlanObjective, load: SimulatedLoad,
        limits: SchedulerLimits, gigabits: Double? = nil, latency: Double? = nil
    ) throws {
        let plan = try Planner(
            model: model, workers: workers, objective: objective, streams: load.streams, sequences: load.streams
        ).plan()
        var simulation = ClusterSimulation(
            pipelines: plan.pipelines.map(\.description), load: load, limits: limits)
        let outcome = try simulation.run()
        machines = Set(workers.map(\.host)).count
        (gigabitsPerSecond, latencyMs) = (gigabits, latency)
        streams = load.streams
        pipelines = plan.pipelines.count
        stages = plan.pipelines.reduce(0) { $0 + $1.stages.count }
        idle = plan.idle.count
        plannedTokensPerSecond = plan.tokensPerSecond
        decodeTokensPerSecond = outcome.decodeTokensPerSecond
        boundTokensPerSecond = outcome.boundTokensPerSecond
        share = outcome.share
        rowsPerBatch = outcome.rowsPerBatch
        batchesInFlight = outcome.batchesInFlight
        (medianGapMs, longestGapMs) = (outcome.medianGap, outcome.longestGap)
        (medianFirstTokenMs, longestFirstTokenMs) = (outcome.medianFirstToken, outcome.longestFirstToken)
        let all = outcome.stageBusy.joined()
        busy = all.isEmpty ? 0 : all.reduce(0, +) / Double(all.count)
        reason = plan.reason
    }

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
