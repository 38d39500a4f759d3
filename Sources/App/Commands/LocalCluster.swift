import Foundation
import Logging
import ServiceLifecycle

/// A coordinator and its workers as child processes. A worker that ends is started again; where the coordinator ends, or
/// workers keep ending, all of it does.
struct LocalCluster: Service {
    /// Workers that may be started again, all together.
    private static let maximumRestarts = 10

    let model: String
    /// Of the coordinator: in which types the model is computed, how requests are scheduled, what plans are made for.
    let options: [String]
    let workers: Int
    /// Options of each worker.
    let workerOptions: [String]
    let threads: Int
    let controlPort: Int
    let clientPort: Int
    let endpointsFile: String?
    let logLevel: String
    let logger: Logger

    func run() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "paceline-up-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("endpoints.json").path
        let coordinator = try ChildProcess(
            "coordinator",
            ["--model", model, "--workers", "\(workers)", "--control-port", "\(controlPort)"]
                + ["--client-port", "\(clientPort)", "--endpoints-file", file] + options + common)
        let supervised = try await cancelWhenGracefulShutdown {
            try await supervise(coordinator, file)
        }
        await coordinator.stop()
        for worker in supervised { await worker.stop() }
        if !Task.isShuttingDownGracefully {
            throw RequestError("the cluster ended: \(coordinator.ending ?? "its workers keep ending")")
        }
    }

    private var common: [String] { ["--stop-with-parent", "--log-level", logLevel] }

    /// Starts the workers once the coordinator listens, and watches over all until something ends that may not, or the
    /// task is cancelled. Returns the workers.
    private func supervise(_ coordinator: ChildProcess, _ file: String) async throws -> [ChildProcess] {
        guard let endpoints = await coordinator.endpoints(file) else { return [] }
        if let endpointsFile { try endpoints.write(to: endpointsFile) }
        var children = try (0..<workers).map { try worker($0, endpoints) }
        var restarts = 0
        while coordinator.isRunning {
            do { try await Task.sleep(for: .milliseconds(200)) } catch { return children }
            for (number, child) in children.enumerated() where !child.isRunning {
                restarts += 1
                guard restarts <= Self.maximumRestarts else { return children }
                logger.warning("worker \(number + 1) ended (\(child.ending ?? "unknown")); starting it again")
                children[number] = try worker(number, endpoints)
            }
        }
        return children
    }

    private func worker(_ number: Int, _ endpoints: EndpointsFile) throws -> ChildProcess {
        try ChildProcess(
            "worker",
            ["--coordinator", endpoints.control, "--model", model, "--threads", "\(threads)"] + workerOptions
                + ["--name", "worker-\(number + 1)"] + common)
    }
}
