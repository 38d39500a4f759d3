@preconcurrency import Dispatch
import Foundation
import Synchronization

/// A line with how a terminal may colour it.
package struct StyledLine: Equatable {
    package enum Style { case plain, heading, good, warning }

    package var text: String
    package var style = Style.plain

    package init(text: String, style: Style = .plain) {
        self.text = text
        self.style = style
    }
}

/// The whole terminal, drawn anew again and again; what was there before comes back in the end, and while ^Z has stopped
/// the program. Keys are taken as they are typed, and not shown.
package final class TerminalScreen: Sendable {
    private struct State {
        var isOpen = false
        /// The terminal as it was, where keys can be typed.
        var before: termios?
        var lines: [StyledLine] = []
    }

    private let state = Mutex(State())
    private let keys: KeyWatch
    private let stops: any DispatchSourceSignal

    /// - Parameter quit: is called when a person types q.
    package init(quit: @escaping @Sendable () -> Void) {
        keys = KeyWatch { if ["q", "Q", "\u{4}"].contains($0) { quit() } }
        signal(SIGTSTP, SIG_IGN)
        stops = DispatchSource.makeSignalSource(signal: SIGTSTP, queue: .global())
        stops.setEventHandler { [weak self] in self?.stopProcess() }
        stops.resume()
    }

    /// Shows these lines from the top, as many and as much of each as fits; nothing while the program is in the background.
    package func show(_ lines: [StyledLine]) throws {
        try state.withLock { state in
            state.lines = lines
            try Self.draw(&state)
        }
    }

    /// Gives the terminal back.
    package func close() {
        keys.end()
        stops.cancel()
        signal(SIGTSTP, SIG_DFL)
        state.withLock { Self.leave(&$0) }
    }

    private func stopProcess() {
        state.withLock { Self.leave(&$0) }
        stopThisProcess()
        // What cannot be written now fails when the next lines are shown.
        state.withLock { try? Self.draw(&$0) }
    }

    private static func draw(_ state: inout State) throws {
        guard Foreground.isOurs else { return }
        var text = ""
        if !state.isOpen {
            text = "\u{1B}[?1049h\u{1B}[?25l"
            state.before = takeKeys()
            state.isOpen = true
        }
        let (rows, columns) = size
        // Without a newline at the end, which would scroll the first line away.
        text +=
            "\u{1B}[H"
            + fitting(state.lines, rows: rows).map { coloured($0, columns) + "\u{1B}[K" }.joined(separator: "\r\n")
        try StandardOutput.write(text + "\u{1B}[J")
    }

    private static func leave(_ state: inout State) {
        guard state.isOpen else { return }
        state.isOpen = false
        try? StandardOutput.write("\u{1B}[?25h\u{1B}[?1049l")
        if var before = state.before { tcsetattr(STDIN_FILENO, TCSADRAIN, &before) }
    }

    /// Has keys come one by one, unseen. Returns how the terminal was; nil where there is none.
    private static func takeKeys() -> termios? {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var keys = before
        keys.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &keys)
        return before
    }

    package static func fitting(_ lines: [StyledLine], rows: Int) -> [StyledLine] {
        guard lines.count > rows else { return lines }
        let shown = max(0, rows - 1)
        return lines.prefix(shown) + [StyledLine(text: "and \(lines.count - shown) more lines")]
    }

    private static func coloured(_ line: StyledLine, _ columns: Int) -> String {
        let text = String(line.text.prefix(columns))
        return switch line.style {
        case .plain: text
        case .heading: TextStyle.standardOutput.bold(text)
        case .good: TextStyle.standardOutput.green(text)
        case .warning: TextStyle.standardOutput.yellow(text)
        }
    }

    private static var size: (rows: Int, columns: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }
}
