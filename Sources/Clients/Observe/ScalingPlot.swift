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

    private static let (left, right, top, bottom) = (80.0, 680.0, 40.0, 440.0)
    private static let colours = ["#1f6fb4", "#d9772a", "#2f9150", "#b03a48", "#7a55a8", "#6b6b6b"]

    private var document = SVGDocument(width: "900", height: "490")
    // Exponents of two at the ends of the axes.
    private let across: ClosedRange<Double>
    private let up: ClosedRange<Double>

    /// The document.
    package var svg: String { document.text }

    /// - Parameter lines: of which one at least has a point.
    package init(title: String, lines: [Line]) {
        let machines = lines.flatMap(\.points).map { log2(Double(max(1, $0.machines))) }
        let speeds = lines.flatMap(\.points).map { log2(max(1, $0.tokensPerSecond)) }
        across = (machines.min() ?? 0).rounded(.down)...max((machines.max() ?? 1).rounded(.up), 1)
        up = (speeds.min() ?? 0).rounded(.down)...max((speeds.max() ?? 1).rounded(.up), 1)
        addText(title, Self.left, 24, anchor: "start", size: 15)
        addAxes()
        for (number, line) in lines.enumerated() { add(line, number) }
    }

    private func place(_ machines: Double, _ speed: Double) -> (x: Double, y: Double) {
        (
            Self.left + (Self.right - Self.left) * (machines - across.lowerBound)
                / max(1, across.upperBound - across.lowerBound),
            Self.bottom - (Self.bottom - Self.top) * (speed - up.lowerBound) / max(1, up.upperBound - up.lowerBound)
        )
    }

    private mutating func addAxes() {
        for power in stride(from: across.lowerBound, through: across.upperBound, by: 1) {
            let x = place(power, up.lowerBound).x
            addRule(from: (x, Self.top), to: (x, Self.bottom))
            addText("\(Int(exp2(power)))", x, Self.bottom + 18, anchor: "middle")
        }
        for power in stride(from: up.lowerBound, through: up.upperBound, by: 1) {
            let y = place(across.lowerBound, power).y
            addRule(from: (Self.left, y), to: (Self.right, y))
            addText("\(Int(exp2(power)))", Self.left - 8, y + 4, anchor: "end")
        }
        addText("machines", (Self.left + Self.right) / 2, Self.bottom + 38, anchor: "middle")
        addText("tok/s", Self.left - 8, Self.top - 12, anchor: "end")
    }

    /// A line and its entry in the legend.
    private mutating func add(_ line: Line, _ number: Int) {
        var stroke: SVGDocument.Attributes = [
            ("stroke", Self.colours[number % Self.colours.count]), ("stroke-width", "2"),
        ]
        if number >= Self.colours.count { stroke.append(("stroke-dasharray", "5 3")) }
        let points = line.points.map { point in
            let at = place(log2(Double(max(1, point.machines))), log2(max(1, point.tokensPerSecond)))
            return String(format: "%.1f,%.1f", at.x, at.y)
        }
        document.add("polyline", [("fill", "none")] + stroke + [("points", points.joined(separator: " "))])
        let y = Self.top + 8 + 20 * Double(number)
        document.add("path", stroke + [("d", "M\(Self.right + 16) \(y) h24")])
        addText(line.name, Self.right + 48, y + 4, anchor: "start")
    }

    private mutating func addRule(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) {
        document.add(
            "path",
            [
                ("stroke", "#dddddd"),
                ("d", String(format: "M%.1f %.1f L%.1f %.1f", start.x, start.y, end.x, end.y)),
            ])
    }

    private mutating func addText(_ text: String, _ x: Double, _ y: Double, anchor: String, size: Int = 12) {
        document.addText(
            text,
            [
                ("x", String(format: "%.1f", x)), ("y", String(format: "%.1f", y)), ("font-size", "\(size)"),
                ("text-anchor", anchor),
            ])
    }
}
