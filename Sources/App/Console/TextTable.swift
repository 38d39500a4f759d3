import Foundation

/// A table for people.
package enum TextTable {
    /// Of a column that is shortened, so many characters stay.
    private static let leastWidth = 6

    /// Columns as wide as their widest entry.
    package static func lines(_ head: [String], _ rows: [[String]]) -> [String] {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
                .joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
    }

    /// The same, and where a line would have more than `width` characters, long entries of one column lose their middle.
    package static func lines(
        _ head: [String], _ rows: [[String]], width: Int?, shortening column: Int
    ) -> [String] {
        let whole = lines(head, rows)
        guard let width, let longest = whole.map(\.count).max(), longest > width else { return whole }
        let columnWidth = rows.map { $0[column].count }.max() ?? 0
        let allowed = max(leastWidth, head[column].count, columnWidth - (longest - width))
        return lines(
            head,
            rows.map { row in
                var row = row
                row[column] = shortened(row[column], to: allowed)
                return row
            })
    }

    private static func shortened(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        let tail = width / 2
        return text.prefix(width - tail - 1) + "…" + text.suffix(tail)
    }
}
