import Foundation

/// A log on its way to a descriptor. A thread of its own writes it, so a log that nobody reads holds up nothing; what
/// does not fit into the queue is dropped, and that is said when there is room again.
// @unchecked: everything mutable is touched only with `condition` locked.
package final class LogQueue: TextOutputStream, @unchecked Sendable {
    /// Standard error's; what waits when the program ends is given half a second.
    package static let standardError: LogQueue = {
        atexit { LogQueue.standardError.flush(within: .milliseconds(500)) }
        return LogQueue(descriptor: STDERR_FILENO)
    }()

    private let descriptor: Int32
    private let capacity: Int
    private let condition = NSCondition()
    private var waiting: [UInt8] = []
    private var dropped = 0
    private var isWriting = false
    private var hasThread = false

    /// - Parameter capacity: bytes that may wait.
    package init(descriptor: Int32, capacity: Int = 1 << 20) {
        (self.descriptor, self.capacity) = (descriptor, capacity)
    }

    /// Takes a line in; never waits for it to be written.
    package func write(_ line: String) {
        condition.withLock {
            // After a gap nothing is taken until the gap is told of.
            guard dropped == 0, waiting.count + line.utf8.count <= capacity else {
                dropped += 1
                return
            }
            waiting += line.utf8
            startThread()
            condition.broadcast()
        }
    }

    /// Waits until all is written; false where it is not within `limit`.
    @discardableResult
    package func flush(within limit: Duration) -> Bool {
        let deadline = Date(timeIntervalSinceNow: limit / .seconds(1))
        return condition.withLock {
            while isWriting || !waiting.isEmpty {
                guard condition.wait(until: deadline) else { return false }
            }
            return true
        }
    }

    private func startThread() {
        guard !hasThread else { return }
        hasThread = true
        let thread = Thread { [self] in
            while true { writeNext() }
        }
        thread.name = "log"
        thread.start()
    }

    private func writeNext() {
        let bytes = condition.withLock {
            while waiting.isEmpty { condition.wait() }
            isWriting = true
            defer { (waiting, dropped) = ([], 0) }
            return waiting + (dropped == 0 ? [] : Array("\(dropped) lines of the log were dropped\n".utf8))
        }
        _ = writeAll(bytes, to: descriptor)
        condition.withLock {
            isWriting = false
            condition.broadcast()
        }
    }
}
