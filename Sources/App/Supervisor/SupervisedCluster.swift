import Logging
import ServiceLifecycle

/// A cluster on this machine that is kept running. A worker that ends is started again; where the coordinator ends, or
/// workers keep ending, all of it does.
package struct SupervisedCluster: Service {
    /// Workers that may be started again, all together.
    private static let maximumRestarts = 10

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
        let ended = try await cancelWhenGracefulShutdown { try await supervise(started) }
        await ended.stop(.coordinatorFirst)
        if !Task.isShuttingDownGracefully {
            throw SupervisorError.ended(ended.coordinator.ending ?? "its workers keep ending")
        }
    }

    /// Starts the workers once the coordinator listens, and watches over all until something ends that may not, or the
    /// task is cancelled.
    private func supervise(_ started: LocalCluster) async throws -> LocalCluster {
        var cluster = started
        guard try await cluster.startWorkers() else { return cluster }
        if let endpoints = cluster.endpoints { try listening(endpoints) }
        var restarts = 0
        while cluster.coordinator.isRunning {
            do { try await Task.sleep(for: .milliseconds(200)) } catch { return cluster }
            for (number, worker) in cluster.workers.enumerated() where !worker.isRunning {
                restarts += 1
                guard restarts <= Self.maximumRestarts else { return cluster }
                logger.warning("worker \(number + 1) ended (\(worker.ending ?? "unknown")); starting it again")
                try cluster.restartWorker(number)
            }
        }
        return cluster
    }
}
