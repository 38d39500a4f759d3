/// An SVG picture in the making, on white. Its elements stand in the order in which they are added, their attributes in
/// the order in which they are given.
struct SVGDocument {
    typealias Attributes = [(name: String, value: String)]

    private var lines: [String]

    /// - Parameters:
    ///   - width: in pixels, as it is to be written.
    ///   - height: in pixels, as it is to be written.
    init(width: String, height: String) {
        lines = []
        let size: Attributes = [("width", width), ("height", height)]
        let font: Attributes = [("font-family", "sans-serif"), ("font-size", "12")]
        lines = [
            Self.tag("svg", [("xmlns", "http://www.w3.org/2000/svg")] + size + font) + ">",
            Self.tag("rect", [("width", "100%"), ("height", "100%"), ("fill", "#ffffff")]) + "/>",
        ]
    }

    mutating func add(_ name: String, _ attributes: Attributes) {
        lines.append(Self.tag(name, attributes) + "/>")
    }

    /// Adds a `text` element; `text` may hold any characters.
    mutating func addText(_ text: String, _ attributes: Attributes) {
        lines.append(Self.tag("text", attributes) + ">\(Self.escaped(text))</text>")
    }

    /// The whole document.
    var text: String { (lines + ["</svg>"]).joined(separator: "\n") + "\n" }

    private static func tag(_ name: String, _ attributes: Attributes) -> String {
        "<" + ([name] + attributes.map { "\($0.name)=\"\($0.value)\"" }).joined(separator: " ")
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
