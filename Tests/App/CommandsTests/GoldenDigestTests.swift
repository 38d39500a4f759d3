import Foundation
import Kernels
import ModelFiles
import TestSupport
import Testing

/// The embedded model's numbers are those on record, bit for bit: scores, generations and packed weights.
///
/// After a change that is meant to move them, `Numerics.version` is raised, and `PACELINE_GOLDEN=write swift test -c release
/// --filter GoldenDigest` writes the record anew. It is not written where they moved and the version is the same.
@Suite("Golden digests", .serialized)
struct GoldenDigestTests {
    private static let types = ["f32", "bf16", "f16", "int8", "int4"]
    private static let prompts = ["Once upon a time", "The king said", "\"Who are you?\"", "It was winter, and"]

    @Test("the record is of this model and this version of the arithmetic")
    func source() throws { try GoldenRecord.checkSource() }

    private func scores(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let finished = try await run(["score", "--local", "--json"] + arguments, environment: environment)
        try #require(finished.status == 0, "\(finished.errors)")
        let object = try #require(try finished.jsonLines().first)
        var digest = NumberDigest()
        digest.add(tokens: try #require(object["tokens"] as? [Int]))
        digest.add(numbers: try #require(object["logprobs"] as? [Any]).compactMap { $0 as? Double })
        return digest.value
    }

    @Test("scores of the whole held-out text, with every weight type", arguments: types)
    func heldOutText(type: String) async throws {
        let found = try await scores(["--type", type, "--verbatim", "--file", demoModel + "/heldout.txt"])
        try GoldenRecord.check("held-out text, \(type)", found)
    }

    @Test("scores with every weight type on every instruction set", arguments: types)
    func instructionSets(type: String) async throws {
        let text = try String(contentsOfFile: demoModel + "/heldout.txt", encoding: .utf8)
        let beginning = String(text.prefix(2_000))
        for instructionSet in InstructionSet.supported {
            let found = try await scores(
                ["--type", type, beginning], environment: ["PACELINE_ISA": instructionSet.rawValue])
            try GoldenRecord.check("beginning of the held-out text, \(type)", found)
        }
    }

    @Test("20 seeded generations with their log-probabilities", arguments: types)
    func generations(type: String) async throws {
        for (seed, prompt) in Self.prompts.enumerated() {
            let finished = try await run([
                "generate", "--local", "--type", type, prompt, "--seed", "\(seed)", "--max-tokens", "48", "-n", "2",
                "--temperature", "0.9", "--top-k", "50", "--top-p", "0.97", "--repetition-penalty", "1.1", "--json",
                "--logprobs", "3",
            ])
            try #require(finished.status == 0, "\(finished.errors)")
            var digest = NumberDigest()
            for answer in try finished.jsonLines().sorted(by: {
                ($0["index"] as? Int ?? 0) < ($1["index"] as? Int ?? 0)
            }) {
                digest.add(tokens: try #require(answer["tokens"] as? [Int]))
                for token in try #require(answer["logprobs"] as? [[String: Any]]) {
                    try digest.add(scored: token)
                    for other in try #require(token["alternatives"] as? [[String: Any]]) {
                        try digest.add(scored: other)
                    }
                }
            }
            try GoldenRecord.check("generation of \(prompt), \(type)", digest.value)
        }
    }

    @Test("panels of every packed form", arguments: types)
    func panels(type: String) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: directory) }
        let finished = try await run(["model", "pack", "--type", type, "-o", directory.path])
        try #require(finished.status == 0, "\(finished.errors)")
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        var panels: [String] = []
        for file in files where file.pathExtension == "safetensors" { panels += try digestsOfPanels(file) }
        try #require(panels.count == 8 * 4 + 1)
        try GoldenRecord.check("panels, \(type)", Digest(of: Array(panels.sorted().joined().utf8)).description)
    }

    /// SHA-256 of each tensor of bytes in a safetensors file. Sorted by value, they say nothing of names and order.
    private func digestsOfPanels(_ file: URL) throws -> [String] {
        let bytes = [UInt8](try Data(contentsOf: file))
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<(8 + length)]))
        let tensors = try #require(header as? [String: [String: Any]])
        return try tensors.values.filter { $0["dtype"] as? String == "U8" }.map { tensor in
            let range = try #require(tensor["data_offsets"] as? [Int])
            return Digest(of: Array(bytes[(8 + length + range[0])..<(8 + length + range[1])])).description
        }
    }
}

/// Token ids as 32-bit integers and numbers as the bits of 32-bit floats, all little-endian, by SHA-256.
private struct NumberDigest {
    private var bytes: [UInt8] = []

    var value: String { Digest(of: bytes).description }

    mutating func add(tokens: [Int]) { for token in tokens { add(UInt32(truncatingIfNeeded: token)) } }

    mutating func add(numbers: [Double]) { for number in numbers { add(Float(number).bitPattern) } }

    mutating func add(scored token: [String: Any]) throws {
        add(tokens: [try #require(token["token"] as? Int)])
        add(numbers: [try #require(token["logprob"] as? Double)])
    }

    private mutating func add(_ word: UInt32) { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
}

/// Tests/Fixtures/golden/digests.json: digests by name, and the model and the version of the arithmetic they are of.
private enum GoldenRecord {
    private static let file = Repository.root.appending(path: "Tests/Fixtures/golden/digests.json")
    private static let isWriting = ProcessInfo.processInfo.environment["PACELINE_GOLDEN"] == "write"
    private static let (modelKey, versionKey) = ("model", "numerics version")
    /// The file as it was when the tests began.
    private static let before = (try? read()) ?? [:]
    private static let model = Result {
        try LocalModel(directory: demoModel).identity { _, _ in }.digest.description
    }

    /// What the record is of, where it is not to be written.
    static func checkSource() throws {
        guard !isWriting else { return }
        #expect(before[modelKey] == (try model.get()), "the record is of another model: write it anew")
        #expect(before[versionKey] == "\(Numerics.version)", "the record is of another version: write it anew")
    }

    static func check(_ name: String, _ found: String) throws {
        let isChanged = before[name] != nil && before[name] != found
        // Of another model, other numbers say nothing of the arithmetic.
        let isSilent = try before[modelKey] == model.get() && before[versionKey] == "\(Numerics.version)"
        if isChanged, isSilent {
            Issue.record("\(name): the numbers changed, and Numerics.version is still \(Numerics.version): raise it")
        } else if isWriting {
            try write(name, found)
        } else {
            #expect(before[name] == found, "\(name): write the record anew with PACELINE_GOLDEN=write")
        }
    }

    private static func read() throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
    }

    private static func write(_ name: String, _ found: String) throws {
        var record = (try? read()) ?? [:]
        record[name] = found
        record[modelKey] = try model.get()
        record[versionKey] = "\(Numerics.version)"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try (encoder.encode(record) + Data("\n".utf8)).write(to: file)
    }
}
