import Foundation

/// One JSON object or value a line, for programs; names in snake case.
package enum JSONLine {
    package static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    package static func write(_ value: some Encodable) throws { try StandardOutput.writeLine(try text(value)) }
}
