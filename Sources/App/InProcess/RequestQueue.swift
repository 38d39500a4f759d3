import DequeModule
import Foundation
import Messages

/// Messages on their way to the local model's thread.
// @unchecked: everything mutable is touched only with `condition` locked.
final class RequestQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: Deque<ClientRequest> = []
    private var ended = false

    func put(_ body: ClientRequest) {
        condition.withLock { waiting.append(body) }
        // Not under the lock, which the thread needs as soon as it wakes.
        condition.signal()
    }

    func end() {
        condition.withLock {
            ended = true
            condition.signal()
        }
    }

    /// What has come; waits for something where `idle`. nil at the end.
    func take(idle: Bool) -> [ClientRequest]? {
        condition.withLock {
            while idle && waiting.isEmpty && !ended { condition.wait() }
            if ended { return nil }
            defer { waiting = [] }
            return Array(waiting)
        }
    }
}
