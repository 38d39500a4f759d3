import Foundation
import TestSupport
import Tokenizer

/// The vocabularies in cluster, and the cases in Tests/Fixtures/tokenizer.
enum Fixtures {
    static let folder = Repository.fixtures.appending(path: "tokenizer").path

    static let gpt2 = try! BytePairTokenizer(
        directory: Repository.root.appending(path: "cluster/gpt2-tokenizer").path)
    static let demo = try! BytePairTokenizer(directory: Repository.demoModel)

    /// The objects of a file with one JSON object a line.
    static func lines<Line: Decodable>(of name: String, as type: Line.Type) throws -> [Line] {
        let contents = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
        return try contents.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(type, from: $0) }
    }
}

/// The two files of a tokenizer, built from merges of byte strings.
struct TokenizerSource {
    /// Keys in the order of their ids.
    var keys: [String]
    var merges: [String]

    /// A vocabulary of the 256 bytes, what some pairs of keys make, and any other keys.
    init(merges: [(String, String)] = [], otherKeys: [String] = []) {
        keys = (0...0xFF).map { Self.key(of: [$0]) }
        self.merges = []
        for (left, right) in merges {
            self.merges.append(left + " " + right)
            if !keys.contains(left + right) { keys.append(left + right) }
        }
        keys += otherKeys
    }

    /// The key of some bytes, as GPT-2 writes it.
    static func key(of bytes: [UInt8]) -> String {
        var key = String.UnicodeScalarView()
        for byte in bytes {
            let position = UInt32(byte)
            switch position {
            case 0...0x20: key.append(Unicode.Scalar(0x100 + position)!)
            case 0x7F...0xA0: key.append(Unicode.Scalar(0x121 + position - 0x7F)!)
            case 0xAD: key.append(Unicode.Scalar(0x143)!)
            default: key.append(Unicode.Scalar(byte))
            }
        }
        return String(key)
    }

    var vocabularyFile: [UInt8] {
        let entries = keys.enumerated().map { id, key in
            let escaped = key.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
            return "\"\(escaped)\": \(id)"
        }
        return Array("{\(entries.joined(separator: ", "))}".utf8)
    }

    var mergesFile: [UInt8] {
        Array(("#version: 0.2\n" + merges.map { $0 + "\n" }.joined()).utf8)
    }

    func tokenizer() throws -> BytePairTokenizer {
        try BytePairTokenizer(vocabulary: vocabularyFile, merges: mergesFile)
    }
}
