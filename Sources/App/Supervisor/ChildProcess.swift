import Foundation

/// Another `paceline` process, started by this one.
// @unchecked: Foundation's Process is used for what is safe from any thread: its state, and signals.
package final class ChildProcess: @unchecked Sendable {
    private let process = Process()

    /// Runs this very program with a subcommand; its output goes where this process's goes.
    package init(_ subcommand: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/\(getpid())/exe").resolvingSymlinksInPath()
        process.arguments = [subcommand] + arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    package var id: Int32 { process.processIdentifier }

    package var isRunning: Bool { process.isRunning }

    /// How it ended; nil while it runs.
    package var ending: String? {
        guard !process.isRunning else { return nil }
        let status = process.terminationStatus
        return process.terminationReason == .uncaughtSignal ? "signal \(status)" : "exit code \(status)"
    }

    /// The exit code where it ended by itself; nil while it runs, and where a signal ended it.
    package var exitCode: Int32? {
        guard !process.isRunning, process.terminationReason == .exit else { return nil }
        return process.terminationStatus
    }

    /// Asks it to end, and ends it where it has not after three seconds.
    package func stop() async {
        process.terminate()
        for _ in 0..<150 where process.isRunning {
            // In a task of its own: the one this runs in may be cancelled, and then would not sleep.
            await Task.detached { try? await Task.sleep(for: .milliseconds(20)) }.value
        }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}
