import Foundation

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

    var id: Int32 { process.processIdentifier }

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

    /// Waits until a coordinator has written where it listens; nil where it ended, or the task is cancelled, before.
    func endpoints(_ file: String) async -> EndpointsFile? {
        while isRunning {
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
