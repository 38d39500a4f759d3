import Logging
import ServiceLifecycle

/// A cluster on this machine that is kept running. A worker that ends is started again; where the coordinator ends, or
/// workers keep ending, all of it does.
package struct SupervisedCluster: Service {
    /// Workers that may be started again, all together.
    private static let maximumRestarts = 10
    /// A worker that ends with this was called wrongly, and would be again.
    private static let usageExitCode: Int32 = 2

    private let configuration: LocalCluster.Configuration
    private let logger: Logger
    private let listening: @Sendable (EndpointsFile) throws -> Void

    /// - Parameter listening: told where the coordinator listens, once it does.
    package init(
        _ configuration: LocalCluster.Configuration, logger: Logger,
        listening: @escaping @Sendable (EndpointsFile) throws -> Void
    ) {
        self.configuration = configuration
        self.logger = logger
        self.listening = listening
    }

    /// - Throws: ``SupervisorError`` where it ended though nobody asked it to, what `listening` throws.
    package func run() async throws {
        let started = try LocalCluster(configuration)
        let (cluster, failure) = try await cancelWhenGracefulShutdown { try await supervise(started) }
        await cluster.stop(.coordinatorFirst)
        if let failure, !Task.isShuttingDownGracefully { throw failure }
    }

    /// Starts the workers once the coordinator listens, and watches over all until something ends that may not, or the
    /// task is cancelled.
    /// - Returns: what runs, and why it has to end where that is not what somebody asked for.
    private func supervise(_ started: LocalCluster) async throws -> (LocalCluster, SupervisorError?) {
        var cluster = started
        guard try await cluster.startWorkers() else { return (cluster, Self.ending(cluster.coordinator)) }
        if let endpoints = cluster.endpoints { try listening(endpoints) }
        var restarts = 0
        while cluster.coordinator.isRunning {
            do { try await Task.sleep(for: .milliseconds(200)) } catch { return (cluster, nil) }
            for (number, worker) in cluster.workers.enumerated() where !worker.isRunning {
                // Workers leave when their coordinator says goodbye.
                guard cluster.coordinator.isRunning else { break }
                restarts += 1
                guard restarts <= Self.maximumRestarts, worker.exitCode != Self.usageExitCode else {
                    return (cluster, .workersEnded(worker.exitCode ?? 1))
                }
                logger.warning("worker \(number + 1) ended (\(worker.ending ?? "unknown")); starting it again")
                try cluster.restartWorker(number)
            }
        }
        return (cluster, Self.ending(cluster.coordinator))
    }

    /// nil while it runs.
    private static func ending(_ coordinator: ChildProcess) -> SupervisorError? {
        if let code = coordinator.exitCode { return .coordinatorEnded(code) }
        return coordinator.ending.map { .coordinatorKilled($0) }
    }
}
