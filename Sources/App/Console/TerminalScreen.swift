import Foundation

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

/// The whole terminal, drawn anew again and again; what was there before comes back in the end.
package final class TerminalScreen {
    private var isOpen = false

    package init() {}

    /// Shows these lines from the top, as many and as much of each as fits.
    package func show(_ lines: [StyledLine]) throws {
        var text = isOpen ? "" : "\u{1B}[?1049h\u{1B}[?25l"
        isOpen = true
        let (rows, columns) = Self.size
        // Without a newline at the end, which would scroll the first line away.
        text +=
            "\u{1B}[H"
            + Self.fitting(lines, rows: rows).map { Self.coloured($0, columns) + "\u{1B}[K" }
            .joined(separator: "\r\n")
        try StandardOutput.write(text + "\u{1B}[J")
    }

    /// Gives the terminal back.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        try? StandardOutput.write("\u{1B}[?25h\u{1B}[?1049l")
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
