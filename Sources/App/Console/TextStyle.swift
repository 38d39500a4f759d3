import Foundation

/// Weight and colour for text on a stream, or the text as it is where the stream shall have none.
///
/// A terminal gets them unless `NO_COLOR` is set or `TERM` is `dumb`; with `CLICOLOR_FORCE` anything does, a file too.
/// `NO_COLOR` counts most (no-color.org, bixense.com/clicolors).
package struct TextStyle: Sendable {
    /// For what goes to standard output.
    package static let standardOutput = TextStyle(
        isTerminal: StandardOutput.isTerminal, environment: ProcessInfo.processInfo.environment)
    /// For what goes to standard error.
    package static let standardError = TextStyle(
        isTerminal: StandardError.isTerminal, environment: ProcessInfo.processInfo.environment)

    /// Whether standard output is a terminal whose cursor can be moved.
    package static var movesCursor: Bool {
        StandardOutput.isTerminal && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// Whether text is changed at all.
    package let isOn: Bool

    package init(isTerminal: Bool, environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if value("NO_COLOR") != nil {
            isOn = false
        } else if let forced = value("CLICOLOR_FORCE"), forced != "0" {
            isOn = true
        } else {
            isOn = isTerminal && environment["TERM"] != "dumb"
        }
    }

    package func bold(_ text: String) -> String { styled(text, 1) }
    package func dim(_ text: String) -> String { styled(text, 2) }
    package func green(_ text: String) -> String { styled(text, 32) }
    package func yellow(_ text: String) -> String { styled(text, 33) }

    private func styled(_ text: String, _ code: Int) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
