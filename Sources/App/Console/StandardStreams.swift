import CDescriptors
import Foundation

/// Standard output: results and nothing else. Written at once, so that streamed text is seen as it is made.
package enum StandardOutput {
    package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    package static func write(_ text: String) throws(OutputError) { try write(Array(text.utf8)) }

    /// - Throws: ``OutputError`` where not all of it can be written.
    package static func write(_ bytes: [UInt8]) throws(OutputError) {
        if let code = writeAll(bytes, to: STDOUT_FILENO) { throw OutputError(code) }
    }

    package static func writeLine(_ text: String) throws(OutputError) { try write(text + "\n") }

    /// Ends it: what a file system refuses late is refused now.
    package static func close() throws(OutputError) {
        guard Glibc.close(STDOUT_FILENO) != 0, errno != EINTR else { return }
        throw OutputError(errno)
    }
}

/// What is written to standard output does not get there.
package struct OutputError: Error, CustomStringConvertible {
    /// An `errno`.
    private let code: Int32

    init(_ code: Int32) { self.code = code }

    /// Its reader has gone, as that of `| head` does: nothing is to be said of that.
    package var isBrokenPipe: Bool { code == EPIPE }

    package var description: String {
        let reason = descriptor_was_open(STDOUT_FILENO) == 0 ? "it is closed" : SystemReason.text(code)
        return "standard output cannot be written: \(reason)"
    }
}

/// Standard error: logs, progress, errors.
package enum StandardError {
    package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// After what was logged before; not at all where that cannot be written.
    package static func write(_ text: String) {
        guard LogQueue.standardError.flush(within: .seconds(1)) else { return }
        _ = writeAll(Array(text.utf8), to: STDERR_FILENO)
    }
}

/// A pipe whose reader has gone, as `| head` does.
package enum BrokenPipe {
    /// Makes it an error where it is written, so that a request can be cancelled before the process ends.
    package static func becomesError() { signal(SIGPIPE, SIG_IGN) }

    /// Ends the process as a broken pipe ends any that does not ask to be told.
    package static func endProcess() -> Never {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        exit(1)
    }
}
