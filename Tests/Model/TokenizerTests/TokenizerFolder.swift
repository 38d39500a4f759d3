import Foundation
import Testing
import Tokenizer

/// A folder with a tokenizer's files, for as long as it is used.
final class TokenizerFolder {
    private let url = FileManager.default.temporaryDirectory.appending(path: "tokenizer-\(UUID().uuidString)")

    var path: String { url.path(percentEncoded: false) }

    init(_ files: [String: String]) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for (name, text) in files { try write(Array(text.utf8), to: name) }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ bytes: [UInt8], to name: String) throws { try Data(bytes).write(to: url.appending(path: name)) }

    func tokenizer() throws(TokenizerError) -> BytePairTokenizer { try BytePairTokenizer(directory: path) }

    /// Why the folder does not load, without the folder's own path.
    func error() -> String? {
        do {
            _ = try tokenizer()
            return nil
        } catch {
            return error.description.replacingOccurrences(of: path + "/", with: "")
                .replacingOccurrences(of: path, with: "folder")
        }
    }
}

/// A form of a tokenizer's files, and what the reference makes of it: a line of forms.jsonl.
struct TokenizerForm: Decodable, Sendable, CustomTestStringConvertible {
    struct Case: Decodable, Sendable {
        let text: String
        let ids: [Int32]
        let plain: [Int32]
        let decoded: String
    }

    let name: String
    let files: [String: String]
    let endOfText: Int32?
    let cases: [Case]

    var testDescription: String { name }

    static let all = try! Fixtures.lines(of: "forms.jsonl", as: TokenizerForm.self)

    /// The form of that name.
    static func named(_ name: String) -> TokenizerForm { all.first { $0.name == name }! }
}
