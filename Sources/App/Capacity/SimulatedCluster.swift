import Foundation
import Planning
import Scheduling
import Simulation

/// One row of `paceline simulate`: machines, what the planner makes of them, and what comes of that.
package struct SimulatedCluster: Encodable {
    package let machines: Int
    package let gigabitsPerSecond: Double?
    package let latencyMs: Double?
    package let streams: Int
    package let pipelines: Int
    package let stages: Int
    package let idle: Int
    package let plannedTokensPerSecond: Double
    package let decodeTokensPerSecond: Double
    package let boundTokensPerSecond: Double
    package let share: Double
    package let rowsPerBatch: Double
    package let batchesInFlight: Double
    package let medianGapMs: Double
    package let longestGapMs: Double
    package let medianFirstTokenMs: Double
    package let longestFirstTokenMs: Double
    /// Of all stages, on average.
    package let busy: Double
    /// Why so many pipelines.
    package let reason: String

    /// Links of one kind between all machines.
    package struct Link: Sendable {
        package let gigabitsPerSecond: Double
        package let latencyMilliseconds: Double

        package init(gigabitsPerSecond: Double, latencyMilliseconds: Double) {
            self.gigabitsPerSecond = gigabitsPerSecond
            self.latencyMilliseconds = latencyMilliseconds
        }
    }

    /// Plans for the workers and runs the streams through what was planned, on a virtual clock.
    /// - Parameter link: that the workers have, where it is the same for all; it is reported.
    /// - Throws: `PlanningError`, `AdmissionError`.
    package init(
        workers: [WorkerDescription], model: ModelDescription, objective: PlanObjective, load: SimulatedLoad,
        limits: SchedulerLimits, link: Link?
    ) throws {
        let plan = try Planner(
            model: model, workers: workers, objective: objective, streams: load.streams, sequences: load.streams
        ).plan()
        var simulation = ClusterSimulation(
            pipelines: plan.pipelines.map(\.description), load: load, limits: limits)
        let outcome = try simulation.run()
        machines = Set(workers.map(\.host)).count
        (gigabitsPerSecond, latencyMs) = (link?.gigabitsPerSecond, link?.latencyMilliseconds)
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
}
