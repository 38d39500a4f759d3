import Client
import Messages
import Supervisor
import Transport

/// A cluster on this machine while something is measured, on ports the system chose. No process is started again where
/// it ends.
struct MeasuredCluster {
    /// For a cluster to be ready: weights that are not packed take minutes.
    private static let readyPatience = Duration.seconds(900)
    /// For its workers to have measured their speed, once it is ready.
    private static let measuredPatience = Duration.seconds(60)

    /// Where it takes clients.
    let clients: Endpoint
    private let cluster: LocalCluster

    /// Starts a cluster, waits until it is ready, and ends every process after `body`, whatever becomes of it.
    static func with<Result>(
        _ configuration: LocalCluster.Configuration, _ body: (MeasuredCluster, Status) async throws -> Result
    ) async throws -> Result {
        var cluster = try LocalCluster(configuration)
        do {
            guard try await cluster.startWorkers(), let endpoints = cluster.endpoints else {
                await cluster.coordinator.stop()
                try Task.checkCancellation()
                throw BenchError.failed(
                    "the coordinator ended at its start: \(cluster.coordinator.ending ?? "unknown")")
            }
            let measured = MeasuredCluster(clients: try Endpoint(endpoints.clients), cluster: cluster)
            let result = try await body(measured, try await measured.waitUntilReady())
            await cluster.stop(.workersFirst)
            return result
        } catch {
            await cluster.stop(.workersFirst)
            throw error
        }
    }

    /// All processes, with a name for each.
    var processes: [(name: String, id: Int32)] {
        [("coordinator", cluster.coordinator.id)]
            + cluster.workers.enumerated().map { ("worker-\($0 + 1)", $1.id) }
    }

    /// Waits until the plan is live and its workers have measured their speed, which would disturb the first figures.
    private func waitUntilReady() async throws -> Status {
        let clock = ContinuousClock()
        let began = clock.now
        var readySince: ContinuousClock.Instant?
        while clock.now - began < Self.readyPatience {
            for (name, child) in [("the coordinator", cluster.coordinator)] + cluster.workers.map({ ("a worker", $0) })
            where !child.isRunning {
                throw BenchError.failed("\(name) ended before the cluster was ready: \(child.ending ?? "unknown")")
            }
            let status = try await ClientSession.status(of: clients)
            if status.ready {
                let since = readySince ?? clock.now
                readySince = since
                let isMeasured = status.workers.allSatisfy { $0.stage == nil || !$0.speeds.isEmpty }
                if isMeasured || clock.now - since > Self.measuredPatience { return status }
            }
            try await clock.sleep(for: .milliseconds(100))
        }
        throw BenchError.failed("the cluster was not ready within \(Self.readyPatience.components.seconds) s")
    }
}
