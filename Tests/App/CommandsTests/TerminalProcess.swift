import Foundation
import Testing

/// A command at a terminal of its own, as a person uses it.
// @unchecked: `shown` is touched with `lock` held only, and `process` is used for what is safe from any thread.
final class TerminalProcess: @unchecked Sendable {
    private let process = Process()
    private let terminal: FileHandle
    private let lock = NSLock()
    private var shown = Data()

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let ours = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (number, locked): (UInt32, Int32) = (0, 0)
        // TIOCSPTLCK and TIOCGPTN, which Swift's Glibc module leaves out, as it does openpty.
        let isOpen = ours >= 0 && ioctl(ours, 0x4004_5431, &locked) == 0 && ioctl(ours, 0x8004_5430, &number) == 0
        try #require(isOpen)
        let theirs = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(theirs >= 0)
        terminal = FileHandle(fileDescriptor: ours, closeOnDealloc: true)
        let end = FileHandle(fileDescriptor: theirs, closeOnDealloc: true)
        process.executableURL = paceline
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging([
            "TERM": "xterm", "NO_COLOR": "", "CLICOLOR_FORCE": "",
        ]) { $1 }
        .merging(environment) { $1 }
        (process.standardInput, process.standardOutput, process.standardError) = (end, end, end)
        try process.run()
        Thread.detachNewThread { [self] in
            var piece = [UInt8](repeating: 0, count: 4096)
            while case let count = read(ours, &piece, piece.count), count > 0 {
                lock.withLock { shown.append(contentsOf: piece[..<count]) }
            }
        }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// All that the terminal was sent.
    var text: String { lock.withLock { String(decoding: shown, as: UTF8.self) } }

    /// Whether the terminal is as it is without a program that reads keys: lines, echoed.
    var isOrdinary: Bool {
        var mode = termios()
        let wanted = tcflag_t(ICANON | ECHO | ISIG)
        return tcgetattr(terminal.fileDescriptor, &mode) == 0 && mode.c_lflag & wanted == wanted
    }

    func type(_ text: String) { terminal.write(Data(text.utf8)) }

    func send(signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits until something has been shown so many times.
    func wait(for part: String, times: Int = 1) async throws {
        _ = try await waitUntil("\(times) of \(part.debugDescription) at a terminal") {
            if self.text.components(separatedBy: part).count > times { return true }
            guard !self.process.isRunning else { return nil }
            // What it wrote last may be on its way.
            try await Task.sleep(for: .milliseconds(300))
            return false
        }
        #expect(text.components(separatedBy: part).count > times, "\(text.debugDescription)")
    }

    /// Waits for the end; returns the exit code.
    func finish() async throws -> Int32 {
        try await waitUntil("the end of a command at a terminal") {
            self.process.isRunning ? nil : self.process.terminationStatus
        }
    }
}
