import Foundation

/// Tokens a second over machines, a line for each kind of link, as an SVG picture with both axes in powers of two.
package struct ScalingPlot {
    package struct Line {
        package var name: String
        /// By ascending machines.
        package var points: [(machines: Int, tokensPerSecond: Double)]

        package init(name: String, points: [(machines: Int, tokensPerSecond: Double)]) {
            self.name = name
            self.points = points
        }
    }

    package let svg: String

    private static let (left, right, top, bottom) = (80.0, 680.0, 40.0, 440.0)
    private static let colours = ["#1f6fb4", "#d9772a", "#2f9150", "#b03a48", "#7a55a8", "#6b6b6b"]

    /// - Parameter lines: of which one at least has a point.
    package init(title: String, lines: [Line]) {
        let machines = lines.flatMap(\.points).map { log2(Double(max(1, $0.machines))) }
        let speeds = lines.flatMap(\.points).map { log2(max(1, $0.tokensPerSecond)) }
        let across = (machines.min() ?? 0).rounded(.down)...max((machines.max() ?? 1).rounded(.up), 1)
        let up = (speeds.min() ?? 0).rounded(.down)...max((speeds.max() ?? 1).rounded(.up), 1)
        func place(_ machines: Double, _ speed: Double) -> (x: Double, y: Double) {
            (
                Self.left + (Self.right - Self.left) * (machines - across.lowerBound)
                    / max(1, across.upperBound - across.lowerBound),
                Self.bottom - (Self.bottom - Self.top) * (speed - up.lowerBound) / max(1, up.upperBound - up.lowerBound)
            )
        }
        var parts = [Self.text(title, Self.left, 24, anchor: "start", size: 15)]
        for power in stride(from: across.lowerBound, through: across.upperBound, by: 1) {
            let x = place(power, up.lowerBound).x
            parts.append(Self.rule(x, Self.top, x, Self.bottom))
            parts.append(Self.text("\(Int(exp2(power)))", x, Self.bottom + 18, anchor: "middle"))
        }
        for power in stride(from: up.lowerBound, through: up.upperBound, by: 1) {
            let y = place(across.lowerBound, power).y
            parts.append(Self.rule(Self.left, y, Self.right, y))
            parts.append(Self.text("\(Int(exp2(power)))", Self.left - 8, y + 4, anchor: "end"))
        }
        parts.append(Self.text("machines", (Self.left + Self.right) / 2, Self.bottom + 38, anchor: "middle"))
        parts.append(Self.text("tok/s", Self.left - 8, Self.top - 12, anchor: "end"))
        for (number, line) in lines.enumerated() {
            let colour = Self.colours[number % Self.colours.count]
            let dashes = number < Self.colours.count ? "" : " stroke-dasharray=\"5 3\""
            let points = line.points.map { point in
                let at = place(log2(Double(max(1, point.machines))), log2(max(1, point.tokensPerSecond)))
                return String(format: "%.1f,%.1f", at.x, at.y)
            }
            parts.append(
                "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"\(dashes) "
                    + "points=\"\(points.joined(separator: " "))\"/>")
            let y = Self.top + 8 + 20 * Double(number)
            parts.append(
                "<path stroke=\"\(colour)\" stroke-width=\"2\"\(dashes) d=\"M\(Self.right + 16) \(y) h24\"/>")
            parts.append(Self.text(line.name, Self.right + 48, y + 4, anchor: "start"))
        }
        svg =
            ([
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"490\" font-family=\"sans-serif\" "
                    + "font-size=\"12\">", "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            ] + parts + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private static func rule(_ x: Double, _ y: Double, _ toX: Double, _ toY: Double) -> String {
        String(format: "<path stroke=\"#dddddd\" d=\"M%.1f %.1f L%.1f %.1f\"/>", x, y, toX, toY)
    }

    private static func text(_ text: String, _ x: Double, _ y: Double, anchor: String, size: Int = 12) -> String {
        let safe = text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        return String(format: "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" text-anchor=\"", x, y, size)
            + "\(anchor)\">\(safe)</text>"
    }
}
