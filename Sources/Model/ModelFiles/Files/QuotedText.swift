/// Text of a file in an error's line: cut where it is long, its control characters escaped.
package func quoted(_ text: String) -> String {
    let limit = 100
    let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
    let escaped = start.unicodeScalars.map { isPrintable($0) ? String($0) : "\\u{\(String($0.value, radix: 16))}" }
    return "\"\(escaped.joined())\(start.utf8.count < text.utf8.count ? "…" : "")\""
}

/// Whether a character has a shape of its own: neither controls nor breaks a line nor turns the direction of text.
func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: false
    default: true
    }
}
