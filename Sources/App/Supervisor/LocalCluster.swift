import Foundation

/// A coordinator and workers as child processes of this one, on loopback.
package struct LocalCluster: Sendable {
    /// What the processes are started with.
    package struct Configuration: Sendable {
        /// The model's directory.
        package var model: String
        package var workers: Int
        /// Of each worker.
        package var threads: Int
        /// Further options of the coordinator: in which types the model is computed, how requests are scheduled.
        package var coordinatorOptions: [String] = []
        /// Further options of each worker.
        package var workerOptions: [String] = []
        /// 0: any free one.
        package var controlPort = 0
        /// 0: any free one.
        package var clientPort = 0
        package var logLevel = "warning"

        package init(model: String, workers: Int, threads: Int) {
            self.model = model
            self.workers = workers
            self.threads = threads
        }
    }

    /// Who is asked to end first.
    package enum StopOrder: Sendable {
        /// The coordinator, which ends all requests; then the workers, one after another.
        case coordinatorFirst
        /// The workers, all at once: they say goodbye, and nobody warns that another is gone.
        case workersFirst
    }

    package let coordinator: ChildProcess
    package private(set) var workers: [ChildProcess] = []
    /// Where the coordinator listens; nil until it does.
    package private(set) var endpoints: EndpointsFile?
    private let configuration: Configuration
    private let directory: URL

    /// Starts the coordinator.
    /// - Throws: what starting a process throws.
    package init(_ configuration: Configuration) throws {
        self.configuration = configuration
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("paceline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        do {
            coordinator = try ChildProcess(
                "coordinator",
                ["--workers", "\(configuration.workers)", "--control-port", "\(configuration.controlPort)"]
                    + ["--client-port", "\(configuration.clientPort)"]
                    + ["--endpoints-file", Self.endpointsFile(in: directory)]
                    + configuration.coordinatorOptions + Self.commonOptions(configuration))
        } catch {
            try? FileManager.default.removeItem(at: directory)
            throw error
        }
    }

    /// Waits until the coordinator listens, and starts the workers. Starts none where the coordinator ends, or the task
    /// is cancelled, before.
    /// - Returns: whether the workers were started.
    /// - Throws: what starting a process throws.
    package mutating func startWorkers() async throws -> Bool {
        defer { try? FileManager.default.removeItem(at: directory) }
        endpoints = await readEndpoints()
        guard endpoints != nil else { return false }
        for number in 0..<configuration.workers { workers.append(try worker(number)) }
        return true
    }

    /// Starts a worker anew in place of one that ended.
    package mutating func restartWorker(_ number: Int) throws { workers[number] = try worker(number) }

    /// Ends every process.
    package func stop(_ order: StopOrder) async {
        switch order {
        case .coordinatorFirst:
            await coordinator.stop()
            for worker in workers { await worker.stop() }
        case .workersFirst:
            await withTaskGroup(of: Void.self) { group in
                for worker in workers { group.addTask { await worker.stop() } }
            }
            await coordinator.stop()
        }
    }

    /// nil where the coordinator ended, or the task was cancelled, before it listened.
    private func readEndpoints() async -> EndpointsFile? {
        while coordinator.isRunning {
            if let endpoints = EndpointsFile(contentsOf: Self.endpointsFile(in: directory)) { return endpoints }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return nil }
        }
        return nil
    }

    private func worker(_ number: Int) throws -> ChildProcess {
        try ChildProcess(
            "worker",
            ["--coordinator", endpoints?.control ?? "", "--threads", "\(configuration.threads)"]
                + ["--name", "worker-\(number + 1)"] + configuration.workerOptions + Self.commonOptions(configuration))
    }

    private static func commonOptions(_ configuration: Configuration) -> [String] {
        ["--stop-with-parent", "--log-level", configuration.logLevel, "--model", configuration.model]
    }

    private static func endpointsFile(in directory: URL) -> String {
        directory.appendingPathComponent("endpoints.json").path
    }
}
