import Foundation
import Testing

/// A coordinator and workers, real processes on ports of their own.
final class TestCluster {
    let coordinator: RunningProcess
    private(set) var workers: [RunningProcess] = []
    let controlEndpoint: String
    let clientEndpoint: String

    /// Starts a coordinator that waits for `workers` workers.
    private init(workers: Int, model: String, options: [String]) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let coordinator = try RunningProcess(
            [
                "coordinator", "--model", model, "--workers", "\(workers)", "--control-port", "0", "--client-port", "0",
                "--endpoints-file", file, "--log-level", "warning",
            ] + options)
        self.coordinator = coordinator
        do {
            let endpoints = try await waitUntil("the coordinator to listen") { () -> [String: String]? in
                guard let data = FileManager.default.contents(atPath: file) else {
                    return coordinator.isRunning ? nil : [:]
                }
                return try JSONDecoder().decode([String: String].self, from: data)
            }
            controlEndpoint = try #require(endpoints["control"])
            clientEndpoint = try #require(endpoints["clients"])
        } catch {
            coordinator.send(signal: SIGKILL)
            throw error
        }
    }

    /// Starts everything, waits until it is ready, and stops it after `body`. `options` are the coordinator's.
    static func with<Result>(
        workers: Int, model: String = demoModel, options: [String] = [], started: Int? = nil,
        _ body: (TestCluster) async throws -> Result
    ) async throws -> Result {
        let cluster = try await TestCluster(workers: workers, model: model, options: options)
        do {
            for _ in 0..<(started ?? workers) { try cluster.addWorker(model == demoModel ? [] : ["--model", model]) }
            if (started ?? workers) >= workers { try await cluster.waitUntilReady() }
            let result = try await body(cluster)
            await cluster.stop()
            return result
        } catch {
            await cluster.stop()
            throw error
        }
    }

    @discardableResult
    func addWorker(_ options: [String] = [], environment: [String: String] = [:]) throws -> RunningProcess {
        let worker = try RunningProcess(
            ["worker", "--coordinator", controlEndpoint, "--threads", "1", "--log-level", "warning"] + options,
            environment: environment)
        workers.append(worker)
        return worker
    }

    func waitUntilReady() async throws {
        let finished = try await run(["status", "--wait", "180", "--coordinator", clientEndpoint])
        guard finished.status == 0 else { throw TimedOut(description: finished.output + finished.errors) }
    }

    func status() async throws -> [String: Any] {
        try #require(try await client("status", "--json").jsonLines().first)
    }

    /// Runs a client command against this cluster.
    func client(_ arguments: String..., input: [UInt8]? = nil) async throws -> Finished {
        try await run(arguments + ["--coordinator", clientEndpoint], input: input)
    }

    func start(_ arguments: String...) throws -> RunningProcess {
        try RunningProcess(arguments + ["--coordinator", clientEndpoint])
    }

    private func stop() async {
        for process in [coordinator] + workers where process.isRunning { process.send(signal: SIGCONT) }
        coordinator.send(signal: SIGTERM)
        _ = await coordinator.finish()
        for worker in workers where worker.isRunning { worker.send(signal: SIGTERM) }
        for worker in workers { _ = await worker.finish() }
    }
}
