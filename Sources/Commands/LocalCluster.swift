import Foundation
import Logging
import ServiceLifecycle

/// A coordinator and its workers as child processes. A worker that ends is started again; where the coordinator ends, or
/// workers keep ending, all of it does.
struct LocalCluster: Service {
    /// Workers that may be started again, all together.
    private static let maximumRestarts = 10

    let model: String
    /// Options of the coordinator that say in which types the model is computed.
    let types: [String]
    let workers: Int
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
                + ["--client-port", "\(clientPort)", "--endpoints-file", file] + types + common)
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
        guard let endpoints = await listening(coordinator, file) else { return [] }
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
            ["--coordinator", endpoints.control, "--model", model, "--threads", "\(threads)"]
                + ["--name", "worker-\(number + 1)"] + common)
    }

    /// Waits for the coordinator to say where it listens; nil where it ended, or the task is cancelled, before.
    private func listening(_ coordinator: ChildProcess, _ file: String) async -> EndpointsFile? {
        while coordinator.isRunning {
            if let data = FileManager.default.contents(atPath: file),
                let endpoints = try? JSONDecoder().decode(EndpointsFile.self, from: data)
            {
                return endpoints
            }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return nil }
        }
        return nil
    }
}

/// Another `paceline` process, started by this one.
// @unchecked: Foundation's Process is used for what is safe from any thread: its state, and signals.
final class ChildProcess: @unchecked Sendable {
    private let process = Process()

    /// Runs this very program with a subcommand; its output goes where this process's goes.
    init(_ subcommand: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/\(getpid())/exe").resolvingSymlinksInPath()
        process.arguments = [subcommand] + arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// How it ended; nil while it runs.
    var ending: String? {
        guard !process.isRunning else { return nil }
        let status = process.terminationStatus
        return process.terminationReason == .uncaughtSignal ? "signal \(status)" : "exit code \(status)"
    }

    /// Asks it to end, and ends it where it has not after three seconds.
    func stop() async {
        process.terminate()
        for _ in 0..<150 where process.isRunning {
            // In a task of its own: the one this runs in may be cancelled, and then would not sleep.
            await Task.detached { try? await Task.sleep(for: .milliseconds(20)) }.value
        }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}
