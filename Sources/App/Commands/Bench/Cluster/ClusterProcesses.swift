import Client
import Foundation
import Messages
import Transport

/// A coordinator and workers as child processes on loopback, on ports the system chose, while something is measured.
/// None is started again where it ends.
final class ClusterProcesses {
    /// For a cluster to be ready: weights that are not packed take minutes.
    private static let readyPatience = Duration.seconds(900)
    /// For its workers to have measured their speed, once it is ready.
    private static let measuredPatience = Duration.seconds(60)

    let clients: Endpoint
    let coordinator: ChildProcess
    private(set) var workers: [ChildProcess] = []

    private init(coordinator: ChildProcess, clients: Endpoint) {
        self.coordinator = coordinator
        self.clients = clients
    }

    /// Starts a cluster, waits until it is ready, and ends every process after `body`, whatever becomes of it.
    static func with<Result>(
        model: String, types: [String], workers: Int, workerOptions: [String], threads: Int,
        _ body: (ClusterProcesses, Status) async throws -> Result
    ) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "paceline-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("endpoints.json").path
        let common = ["--stop-with-parent", "--log-level", "warning", "--model", model]
        let coordinator = try ChildProcess(
            "coordinator",
            ["--workers", "\(workers)", "--control-port", "0", "--client-port", "0", "--endpoints-file", file]
                + types + common)
        guard let endpoints = await coordinator.endpoints(file) else {
            await coordinator.stop()
            try Task.checkCancellation()
            throw RequestError("the coordinator ended at its start: \(coordinator.ending ?? "unknown")")
        }
        let cluster = ClusterProcesses(coordinator: coordinator, clients: try Endpoint(endpoints.clients))
        do {
            for number in 1...workers {
                let options = ["--coordinator", endpoints.control, "--threads", "\(threads)"] + workerOptions
                cluster.workers.append(
                    try ChildProcess("worker", options + ["--name", "worker-\(number)"] + common))
            }
            let result = try await body(cluster, try await cluster.waitUntilReady())
            await cluster.stop()
            return result
        } catch {
            await cluster.stop()
            throw error
        }
    }

    /// All processes, with a name for each.
    var processes: [(name: String, id: Int32)] {
        [("coordinator", coordinator.id)] + workers.enumerated().map { ("worker-\($0 + 1)", $1.id) }
    }

    /// Workers first, all at once: they say goodbye, and nobody warns that another is gone.
    private func stop() async {
        await withTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { await worker.stop() } }
        }
        await coordinator.stop()
    }

    /// Waits until the plan is live and its workers have measured their speed, which would disturb the first figures.
    private func waitUntilReady() async throws -> Status {
        let clock = ContinuousClock()
        let began = clock.now
        var readySince: ContinuousClock.Instant?
        while clock.now - began < Self.readyPatience {
            for (name, child) in [("the coordinator", coordinator)] + workers.map({ ("a worker", $0) })
            where !child.isRunning {
                throw RequestError("\(name) ended before the cluster was ready: \(child.ending ?? "unknown")")
            }
            let status = try await ClusterChannel.status(of: clients)
            if status.ready {
                let since = readySince ?? clock.now
                readySince = since
                let isMeasured = status.workers.allSatisfy { $0.stage == nil || !$0.speeds.isEmpty }
                if isMeasured || clock.now - since > Self.measuredPatience { return status }
            }
            try await clock.sleep(for: .milliseconds(100))
        }
        throw RequestError("the cluster was not ready within \(Self.readyPatience.components.seconds) s")
    }
}
