import Planning
import Scheduling
import Simulation

/// Simulates clusters with the same load for each stream.
package struct SimulationRun {
    private let model: ModelDescription
    private let objective: PlanObjective
    private let promptTokens: Int
    private let sampledTokens: Int
    private let limits: SchedulerLimits

    /// - Parameters:
    ///   - promptTokens: of each stream.
    ///   - sampledTokens: of each stream.
    package init(
        model: ModelDescription, objective: PlanObjective, promptTokens: Int, sampledTokens: Int,
        limits: SchedulerLimits
    ) {
        (self.model, self.objective, self.limits) = (model, objective, limits)
        (self.promptTokens, self.sampledTokens) = (promptTokens, sampledTokens)
    }

    /// A cluster of these workers.
    /// - Throws: `PlanningError`, `AdmissionError`.
    package func simulate(
        _ workers: [WorkerDescription], streams: Int, over link: SimulatedCluster.Link? = nil
    ) throws -> SimulatedCluster {
        try SimulatedCluster(
            workers: workers, model: model, objective: objective,
            load: SimulatedLoad(streams: streams, promptTokens: promptTokens, sampledTokens: sampledTokens),
            limits: limits, link: link)
    }

    /// Clusters of equal workers: all combinations, those with the same links together.
    /// - Parameters:
    ///   - gigabits: rates of links, in Gbit/s.
    ///   - latencies: of links, one way, in milliseconds.
    ///   - progress: told how many of how many are done.
    /// - Throws: `PlanningError`, `AdmissionError`.
    package func grid(
        like worker: WorkerDescription, machines: [Int], gigabits: [Double], latencies: [Double],
        streamsPerMachine: Int, progress: (Int, Int) -> Void
    ) throws -> [SimulatedCluster] {
        let links = gigabits.flatMap { rate in
            latencies.map { SimulatedCluster.Link(gigabitsPerSecond: rate, latencyMilliseconds: $0) }
        }
        var results: [SimulatedCluster] = []
        for link in links {
            for count in machines {
                progress(results.count, links.count * machines.count)
                results.append(
                    try simulate(
                        workers(count, like: worker, over: link), streams: streamsPerMachine * count, over: link))
            }
        }
        return results
    }

    private func workers(
        _ count: Int, like worker: WorkerDescription, over link: SimulatedCluster.Link
    ) -> [WorkerDescription] {
        (0..<count).map { number in
            var copy = worker
            (copy.name, copy.host) = ("\(worker.name)-\(number + 1)", number)
            copy.link = LinkDescription(
                latencyMilliseconds: link.latencyMilliseconds, gigabitsPerSecond: link.gigabitsPerSecond,
                bytesPerRow: model.activationBytesPerRow)
            return copy
        }
    }
}
