import Console
import Messages
import Synchronization

/// What a command warns of on standard error: each line once.
final class WarningLines: Sendable {
    private let shown = Mutex<Set<String>>([])

    /// A text ended because the context is full. The last token is not fed back, so it needs no place.
    func show(contextFull done: Done) {
        let context = done.promptTokens + done.generatedTokens - 1
        let line = "the text ended because the model's context of \(context) tokens is full"
        guard shown.withLock({ $0.insert(line).inserted }) else { return }
        StandardError.write("paceline: \(line)\n")
    }

    func show(_ warnings: [String]) {
        let new = shown.withLock { shown in warnings.filter { shown.insert($0).inserted } }
        for warning in new { StandardError.write("paceline: warning: \(warning.printable)\n") }
    }
}
