import Foundation

/// Standard output: results and nothing else. Written at once, so that streamed text is seen as it is made.
package enum StandardOutput {
    package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    package static func write(_ text: String) { write(Array(text.utf8)) }

    package static func write(_ bytes: [UInt8]) { writeAll(bytes, to: STDOUT_FILENO) }

    package static func writeLine(_ text: String) { write(text + "\n") }
}

/// Standard error: logs, progress, errors.
package enum StandardError {
    package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// After what was logged before; not at all where that cannot be written.
    package static func write(_ text: String) {
        guard LogQueue.standardError.flush(within: .seconds(1)) else { return }
        writeAll(Array(text.utf8), to: STDERR_FILENO)
    }
}

/// Nothing is left to do where the reader of a pipe has gone.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
