import Foundation
import Messages

/// A recorded trace as an SVG picture: time goes to the right, a row for each stage, a box for each batch.
package struct TracePicture {
    package let svg: String

    private static let width = 1_200.0
    private static let labelWidth = 300.0
    private static let rowHeight = 26.0
    private static let top = 40.0
    // A box, and a gap between two, that is narrower than this is not seen.
    private static let finest = 0.25
    private static let colours = ["decode": "#3b7dd8", "prefill": "#e08a2e", "mixed": "#8f5bb5"]

    package init(_ trace: RecordedTrace) {
        let begin = trace.begin ?? 0
        let span = Double(max(1, trace.end - min(begin, trace.end)))
        func x(_ time: UInt64) -> Double {
            let place = Double(time) - Double(begin)
            return Self.labelWidth + (Self.width - Self.labelWidth) * min(1, max(0, place / span))
        }
        var rows: [String] = []
        var y = Self.top
        for pipeline in trace.pipelines {
            for stage in trace.stages(of: pipeline) {
                let name =
                    (trace.pipelines.count > 1 ? "pipeline \(pipeline.number), " : "")
                    + trace.name(of: stage, in: pipeline)
                rows.append(Self.label(name, y))
                let boxes = trace.slices(of: stage, in: pipeline).map { (x($0.start), x($0.end), $0.record.kind) }
                rows += Self.boxes(boxes, y)
                y += Self.rowHeight
            }
        }
        let axis = Self.axis(seconds: span / 1e6, bottom: y)
        svg = Self.document(axis + rows + Self.legend(y + 40), height: y + 60)
    }

    private static func document(_ parts: [String], height: Double) -> String {
        ([
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(number(width + 20))\" height=\"\(number(height))\""
                + " font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
        ] + parts + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private static func label(_ text: String, _ y: Double) -> String {
        let shown = text.count > 46 ? text.prefix(45) + "…" : text[...]
        return self.text(String(shown), labelWidth - 8, y + rowHeight / 2 + 4, anchor: "end")
    }

    /// Boxes of one kind with nothing visible between them become one, so that a long trace is no huge file.
    private static func boxes(_ boxes: [(start: Double, end: Double, kind: String)], _ y: Double) -> [String] {
        var merged: [(start: Double, end: Double, kind: String)] = []
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
        return merged.map { box in
            let size = "width=\"\(number(max(finest, box.end - box.start)))\" height=\"\(number(rowHeight - 6))\""
            return
                "<rect x=\"\(number(box.start))\" y=\"\(number(y + 3))\" \(size) fill=\"\(colours[box.kind] ?? "#888")\""
                + " stroke=\"#ffffff\" stroke-width=\"0.3\"/>"
        }
    }

    /// About ten round steps of time.
    private static func axis(seconds: Double, bottom: Double) -> [String] {
        let step = roundStep(seconds / 10)
        return (0...Int(seconds / step)).flatMap { tick -> [String] in
            let time = Double(tick) * step
            let place = labelWidth + (width - labelWidth) * time / seconds
            return [
                "<line x1=\"\(number(place))\" y1=\"\(number(top - 6))\" x2=\"\(number(place))\""
                    + " y2=\"\(number(bottom))\" stroke=\"#dddddd\"/>",
                text(
                    step < 1 ? String(format: "%g ms", time * 1_000) : String(format: "%g s", time), place, top - 12,
                    anchor: "middle"),
            ]
        }
    }

    /// The least of 1, 2 and 5 times a power of ten that is no less.
    package static func roundStep(_ atLeast: Double) -> Double {
        let power = pow(10, floor(log10(max(atLeast, 1e-6))))
        return [1, 2, 5].map { $0 * power }.first { $0 >= atLeast } ?? 10 * power
    }

    private static func legend(_ y: Double) -> [String] {
        ["decode", "prefill", "mixed"].enumerated().flatMap { index, kind in
            let x = labelWidth + 120 * Double(index)
            return [
                "<rect x=\"\(number(x))\" y=\"\(number(y - 10))\" width=\"12\" height=\"12\" fill=\"\(colours[kind] ?? "")\"/>",
                text(kind, x + 18, y, anchor: "start"),
            ]
        }
    }

    private static func text(_ text: String, _ x: Double, _ y: Double, anchor: String) -> String {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(escaped)</text>"
    }

    private static func number(_ value: Double) -> String { String(format: "%.2f", value) }
}
