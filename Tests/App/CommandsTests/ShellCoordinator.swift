import Foundation
import Testing

/// A coordinator that is started from a shell, which first changes what a process inherits.
final class ShellCoordinator {
    let process: RunningProcess
    let control: String
    let clients: String

    /// - Parameter setting: what the shell does first, for example `ulimit -n 64`.
    private init(_ setting: String, redirecting: String, options: [String]) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let process = try RunningProcess(
            ["-c", "\(setting); exec \"$0\" \"$@\" \(redirecting)", paceline.path, "coordinator", "--model", demoModel]
                + ["--control-port", "0", "--client-port", "0", "--endpoints-file", file] + options,
            program: URL(fileURLWithPath: "/bin/sh"))
        self.process = process
        do {
            let endpoints = try await waitUntil("the coordinator to listen") { () -> [String: String]? in
                guard let data = FileManager.default.contents(atPath: file) else {
                    return process.isRunning ? nil : [:]
                }
                return try JSONDecoder().decode([String: String].self, from: data)
            }
            (control, clients) = (try #require(endpoints["control"]), try #require(endpoints["clients"]))
        } catch {
            process.send(signal: SIGKILL)
            throw error
        }
    }

    /// Starts one, and ends it after `body`; returns what it left.
    static func with(
        _ setting: String, redirecting: String = "", options: [String] = [],
        _ body: (ShellCoordinator) async throws -> Void
    ) async throws -> Finished {
        let coordinator = try await ShellCoordinator(setting, redirecting: redirecting, options: options)
        do {
            try await body(coordinator)
        } catch {
            coordinator.process.send(signal: SIGKILL)
            throw error
        }
        coordinator.process.send(signal: SIGTERM)
        return await coordinator.process.finish()
    }
}
