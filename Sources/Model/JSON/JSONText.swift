/// A string as JSON text, quotes included.
package func jsonText(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\u{0}"..<"\u{20}":
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }
    return text + "\""
}

/// An object whose values are strings as JSON text, sorted by name.
package func jsonText(_ strings: [String: String]) -> String {
    "{" + strings.sorted { $0.key < $1.key }.map { "\(jsonText($0)):\(jsonText($1))" }.joined(separator: ",") + "}"
}

/// A name in an error's line: cut where it is long, escaped where it has no shape of its own or would end the line.
func quoted(_ name: [UInt8]) -> String {
    let limit = 100
    let scalars = Array(String(decoding: name, as: UTF8.self).unicodeScalars.prefix(limit + 1))
    let shown = scalars.prefix(limit).map { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: scalar.escaped(asASCII: true)
        default: String(scalar)
        }
    }
    return "\"\(shown.joined())\(scalars.count > limit ? "…" : "")\""
}
