import Foundation
import Synchronization

/// A bar on standard error for work that takes over a second; silent where that is no terminal.
package final class ProgressBar: Sendable {
    private static let width = 30

    private struct State {
        var shownAt: ContinuousClock.Instant?
        var isVisible = false
    }

    private let label: String
    private let began = ContinuousClock().now
    private let state = Mutex(State())
    private let isSilent = !StandardError.isTerminal || ProcessInfo.processInfo.environment["TERM"] == "dumb"

    package init(_ label: String) { self.label = label }

    /// Shows how many of how many steps are done; at most ten times a second.
    package func update(_ done: Int, of total: Int) {
        guard !isSilent, total > 0 else { return }
        let now = ContinuousClock().now
        state.withLock { state in
            guard now - began > .seconds(1) else { return }
            if let shownAt = state.shownAt, now - shownAt < .milliseconds(100), done < total { return }
            state.shownAt = now
            state.isVisible = true
            let filled = min(Self.width, Self.width * done / total)
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
            StandardError.write("\r\(label) [\(bar)] \(100 * done / total) %")
        }
    }

    /// Shows how far it is, and takes the bar away when all is done.
    package func follow(_ done: Int, of total: Int) {
        update(done, of: total)
        if done == total { finish() }
    }

    /// Takes the bar away.
    package func finish() {
        state.withLock { state in
            if state.isVisible { StandardError.write("\r\u{1B}[K") }
            state.isVisible = false
        }
    }
}
