import Foundation
import Messages

/// A recorded trace as an SVG picture: time goes to the right, a row for each stage, a box for each batch.
package struct TracePicture {
    /// A batch in a stage's row, from edge to edge.
    private struct Box {
        var start: Double
        var end: Double
        var kind: String
    }

    private static let width = 1_200.0
    private static let labelWidth = 300.0
    private static let rowHeight = 26.0
    private static let top = 40.0
    // A box, and a gap between two, that is narrower than this is not seen.
    private static let finest = 0.25
    private static let colours = ["decode": "#3b7dd8", "prefill": "#e08a2e", "mixed": "#8f5bb5"]

    private var document: SVGDocument

    /// The document.
    package var svg: String { document.text }

    package init(_ trace: RecordedTrace) {
        let begin = trace.begin ?? 0
        let span = Double(max(1, trace.end - min(begin, trace.end)))
        func x(_ time: UInt64) -> Double {
            let place = Double(time) - Double(begin)
            return Self.labelWidth + (Self.width - Self.labelWidth) * min(1, max(0, place / span))
        }
        let rows = trace.pipelines.flatMap { pipeline in trace.stages(of: pipeline).map { (pipeline, $0) } }
        let bottom = Self.top + Self.rowHeight * Double(rows.count)
        document = SVGDocument(width: Self.number(Self.width + 20), height: Self.number(bottom + 60))
        addAxis(seconds: span / 1e6, bottom: bottom)
        for (number, (pipeline, stage)) in rows.enumerated() {
            let y = Self.top + Self.rowHeight * Double(number)
            addLabel(
                (trace.pipelines.count > 1 ? "pipeline \(pipeline.number), " : "")
                    + trace.name(of: stage, in: pipeline),
                y)
            addBoxes(
                trace.slices(of: stage, in: pipeline).map {
                    Box(start: x($0.start), end: x($0.end), kind: $0.record.kind)
                }, y)
        }
        addLegend(bottom + 40)
    }

    private mutating func addLabel(_ text: String, _ y: Double) {
        let shown = text.count > 46 ? text.prefix(45) + "…" : text[...]
        addText(String(shown), Self.labelWidth - 8, y + Self.rowHeight / 2 + 4, anchor: "end")
    }

    private mutating func addBoxes(_ boxes: [Box], _ y: Double) {
        for box in Self.merged(boxes) {
            document.add(
                "rect",
                [
                    ("x", Self.number(box.start)), ("y", Self.number(y + 3)),
                    ("width", Self.number(max(Self.finest, box.end - box.start))),
                    ("height", Self.number(Self.rowHeight - 6)), ("fill", Self.colours[box.kind] ?? "#888"),
                    ("stroke", "#ffffff"), ("stroke-width", "0.3"),
                ])
        }
    }

    /// Boxes of one kind with nothing visible between them become one, so that a long trace is no huge file.
    private static func merged(_ boxes: [Box]) -> [Box] {
        var merged: [Box] = []
        for box in boxes {
            if let last = merged.last, last.kind == box.kind, box.start - last.end < finest {
                // What is wide enough to be seen keeps its edge.
                if box.end - box.start < 4 * finest || last.end - last.start < 4 * finest {
                    merged[merged.count - 1].end = max(last.end, box.end)
                    continue
                }
            }
            merged.append(box)
        }
        return merged
    }

    /// About ten round steps of time.
    private mutating func addAxis(seconds: Double, bottom: Double) {
        let step = Self.roundStep(seconds / 10)
        for tick in 0...Int(seconds / step) {
            let time = Double(tick) * step
            let place = Self.labelWidth + (Self.width - Self.labelWidth) * time / seconds
            document.add(
                "line",
                [
                    ("x1", Self.number(place)), ("y1", Self.number(Self.top - 6)), ("x2", Self.number(place)),
                    ("y2", Self.number(bottom)), ("stroke", "#dddddd"),
                ])
            addText(
                step < 1 ? String(format: "%g ms", time * 1_000) : String(format: "%g s", time), place, Self.top - 12,
                anchor: "middle")
        }
    }

    /// The least of 1, 2 and 5 times a power of ten that is no less.
    package static func roundStep(_ atLeast: Double) -> Double {
        let power = pow(10, floor(log10(max(atLeast, 1e-6))))
        return [1, 2, 5].map { $0 * power }.first { $0 >= atLeast } ?? 10 * power
    }

    private mutating func addLegend(_ y: Double) {
        for (index, kind) in ["decode", "prefill", "mixed"].enumerated() {
            let x = Self.labelWidth + 120 * Double(index)
            document.add(
                "rect",
                [
                    ("x", Self.number(x)), ("y", Self.number(y - 10)), ("width", "12"), ("height", "12"),
                    ("fill", Self.colours[kind] ?? ""),
                ])
            addText(kind, x + 18, y, anchor: "start")
        }
    }

    private mutating func addText(_ text: String, _ x: Double, _ y: Double, anchor: String) {
        document.addText(text, [("x", Self.number(x)), ("y", Self.number(y)), ("text-anchor", anchor)])
    }

    private static func number(_ value: Double) -> String { String(format: "%.2f", value) }
}
