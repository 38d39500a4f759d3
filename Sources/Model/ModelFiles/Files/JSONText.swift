/// A string as JSON text, quotes included.
func jsonText(_ string: String) -> String {
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
func jsonText(_ strings: [String: String]) -> String {
    "{" + strings.sorted { $0.key < $1.key }.map { "\(jsonText($0)):\(jsonText($1))" }.joined(separator: ",") + "}"
}
