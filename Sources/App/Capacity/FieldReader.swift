import Messages
import Yams

/// One value of a YAML or JSON file, and where it is: every mistake is one line that names file, line and field.
struct FieldReader {
    let file: String
    /// "workers[2].memory"; empty for the whole file.
    let path: String
    let node: Node

    /// The most elements of a list that are believed.
    private static let mostElements = 1_024
    private static let mostBytes = 1 << 20

    /// - Parameter bytes: what the file holds.
    /// - Throws: ``WorkersFileError`` where it is no YAML, or is nested or large beyond reason.
    init(_ bytes: [UInt8], file: String) throws {
        guard bytes.count <= Self.mostBytes else { throw WorkersFileError("\(file): has more than 1 MB") }
        guard Self.nesting(bytes) <= 16 else { throw WorkersFileError("\(file): is nested too deeply") }
        do {
            guard let node = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self)) else {
                throw WorkersFileError("\(file): is empty")
            }
            self.init(file: file, path: "", node: node)
        } catch let error as WorkersFileError {
            throw error
        } catch {
            throw WorkersFileError("\(file): is no YAML: \(Self.line(error))")
        }
    }

    private init(file: String, path: String, node: Node) {
        self.file = file
        self.path = path
        self.node = node
    }

    func failure(_ what: String) -> WorkersFileError {
        let line = node.mark.map { ":\($0.line)" } ?? ""
        return WorkersFileError("\(file)\(line): \(path.isEmpty ? "" : path + ": ")\(what)")
    }

    // MARK: - Values

    /// The fields of a mapping. Throws where there is another than these.
    func fields(_ known: [String]) throws -> [String: FieldReader] {
        guard case .mapping(let mapping) = node else {
            throw failure("must have fields: \(known.joined(separator: ", "))")
        }
        var fields: [String: FieldReader] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? "?"
            let field = FieldReader(file: file, path: path.isEmpty ? name : "\(path).\(name)", node: value)
            guard known.contains(name) else {
                throw field.failure("is not known here; known are \(known.joined(separator: ", "))")
            }
            fields[name] = field
        }
        return fields
    }

    func elements() throws -> [FieldReader] {
        guard case .sequence(let sequence) = node else { throw failure("must be a list") }
        guard sequence.count <= Self.mostElements else { throw failure("has more than \(Self.mostElements) entries") }
        return sequence.enumerated().map { FieldReader(file: file, path: "\(path)[\($0)]", node: $1) }
    }

    func text() throws -> String {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty, scalar.string.count <= 200 else {
            throw failure("must be a word or a line")
        }
        return scalar.string.printable
    }

    func count(_ range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(try text()), range.contains(number) else {
            throw failure("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func number(_ range: ClosedRange<Double>) throws -> Double {
        guard let number = Double(try text()), range.contains(number) else {
            throw failure("must be a number from \(range.lowerBound.plainText) to \(range.upperBound.plainText)")
        }
        return number
    }

    /// A value that the command line takes too.
    func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) throws -> Choice
    where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try text()) else {
            throw failure("must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// Pairs of whole numbers and numbers.
    func numbersByCount(_ counts: ClosedRange<Int>, _ numbers: ClosedRange<Double>) throws -> [(Int, Double)] {
        guard case .mapping(let mapping) = node, mapping.count > 0, mapping.count <= 64 else {
            throw failure("must be numbers by rows, for example {1: 0.98, 8: 1.15}")
        }
        return try mapping.map { key, value in
            let name = key.scalar?.string ?? "?"
            let field = FieldReader(file: file, path: "\(path).\(name)", node: value)
            guard let count = Int(name), counts.contains(count) else {
                throw field.failure("rows must be a whole number from \(counts.lowerBound) to \(counts.upperBound)")
            }
            return (count, try field.number(numbers))
        }
    }

    // MARK: - Mistakes of the file itself

    /// A bound of how deeply the parser would have to go: lists and objects in brackets, or by "- " and indentation.
    private static func nesting(_ bytes: [UInt8]) -> Int {
        var (depth, deepest, dashes) = (0, 0, 0)
        var startsLine = true
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
            case UInt8(ascii: "\n"): (startsLine, dashes) = (true, 0)
            case UInt8(ascii: "-"), UInt8(ascii: "?"): if startsLine { dashes += 1 }
            case UInt8(ascii: " "): break
            default: startsLine = false
            }
            deepest = max(deepest, depth + dashes)
        }
        return deepest
    }

    private static func line(_ error: any Error) -> String {
        if case YamlError.duplicatedKeysInMapping(let keys, _) = error {
            return "a name is there twice: \(keys.map { "\($0)" }.joined(separator: ", "))".oneLine
        }
        return "\(error)".oneLine
    }
}

extension String {
    /// Everything on one line, no longer than a person reads.
    fileprivate var oneLine: String {
        String(split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200)).printable
    }
}

extension Double {
    /// 1 and not 1.0.
    fileprivate var plainText: String {
        self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)"
    }
}
