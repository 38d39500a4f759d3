/// Lines of words that are broken where they would be too long.
package enum TextWrap {
    private static let indent = "  "

    /// A line as several of at most `width` characters, where its words allow it; all but the first are indented.
    package static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var current = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !current.isEmpty, current.count + 1 + word.count > width {
                lines.append(current)
                current = indent + word
            } else {
                current += current.isEmpty ? String(word) : " " + word
            }
        }
        return lines + [current]
    }
}
