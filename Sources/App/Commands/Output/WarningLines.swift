import Console
import Messages
import Synchronization

/// What a command warns of on standard error: each line once.
final class WarningLines: Sendable {
    private let shown = Mutex<Set<String>>([])

    func show(_ warnings: [String]) {
        let new = shown.withLock { shown in warnings.filter { shown.insert($0).inserted } }
        for warning in new { StandardError.write("paceline: warning: \(warning.printable)\n") }
    }
}
