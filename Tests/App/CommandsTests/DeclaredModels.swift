import Foundation
import TestSupport
import Testing

/// The model of the public cases: a small GPT-2 in Hugging Face's layout, whose expected values are by transformers 5.24.
let caseModel = Repository.fieldCaseModel

/// A copy of a model whose files say something else. The weights are a link.
struct DeclaredModel {
    private let directory: URL

    /// - Parameters:
    ///   - configuration: fields of config.json that are other than the model's.
    ///   - files: others of JSON, by their names.
    ///   - vocabulary: what is done to the tokens.
    ///   - merges: how many of the merges are left out, the last ones.
    static func with<Result>(
        configuration: [String: Any] = [:], files: [String: [String: Any]] = [:],
        vocabulary: (inout [String: Any]) -> Void = { _ in }, withoutMerges merges: Int = 0,
        _ body: (_ directory: String) async throws -> Result
    ) async throws -> Result {
        let model = try DeclaredModel(of: caseModel)
        defer { try? FileManager.default.removeItem(at: model.directory) }
        try model.change("config.json") { $0.merge(configuration) { $1 } }
        try model.change("vocab.json", vocabulary)
        if merges > 0 { try model.dropMerges(merges) }
        for (name, fields) in files { try model.write(name, fields) }
        return try await body(model.directory.path)
    }

    private init(of other: String) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "declared-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for name in ["config.json", "vocab.json", "merges.txt"] {
            try FileManager.default.copyItem(
                atPath: other + "/" + name, toPath: directory.appending(path: name).path)
        }
        try FileManager.default.createSymbolicLink(
            atPath: directory.appending(path: "model.safetensors").path,
            withDestinationPath: other + "/model.safetensors")
    }

    private func change(_ name: String, _ change: (inout [String: Any]) -> Void) throws {
        let data = try Data(contentsOf: directory.appending(path: name))
        var fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        change(&fields)
        try write(name, fields)
    }

    private func dropMerges(_ count: Int) throws {
        let file = directory.appending(path: "merges.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        try Data(lines.dropLast(count).map { $0 + "\n" }.joined().utf8).write(to: file)
    }

    private func write(_ name: String, _ fields: [String: Any]) throws {
        try JSONSerialization.data(withJSONObject: fields).write(to: directory.appending(path: name))
    }
}

extension DeclaredModel {
    /// The cases' tokenizer as tokenizer.json has it, with merges as pairs.
    static func tokenizerJSON() throws -> [String: Any] {
        let vocabulary = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: caseModel + "/vocab.json")))
        let merges = try String(contentsOfFile: caseModel + "/merges.txt", encoding: .utf8)
            .split(separator: "\n").filter { !$0.hasPrefix("#version") }
            .map { $0.split(separator: " ").map(String.init) }
        let byteLevel: [String: Any] = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
        ]
        let endOfText: [String: Any] = [
            "id": 8_191, "content": "<|endoftext|>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true,
        ]
        let model: [String: Any] = ["type": "BPE", "vocab": vocabulary, "merges": merges]
        return [
            "version": "1.0", "added_tokens": [endOfText], "pre_tokenizer": byteLevel, "decoder": byteLevel,
            "model": model,
        ]
    }
}
