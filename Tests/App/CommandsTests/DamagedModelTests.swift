import Foundation
import TestSupport
import Testing

/// What people name in place of a model: every command that takes one says what it is, in one line.
@Suite("Damaged downloads")
struct DamagedModelTests {
    /// What commands need beside the model; a command that is not here needs nothing.
    private static let needed: [String: [String]] = [
        "generate": ["--local", "hi"], "score": ["--local", "hi"], "tokenize": ["hi"], "detokenize": ["1"],
        "plan": ["--workers", Repository.root.appending(path: "cluster/workers.example.yaml").path],
        "simulate": ["--workers", Repository.root.appending(path: "cluster/workers.example.yaml").path],
        "model pack": ["--type", "bf16", "-o", "/nonexistent/output"],
        "coordinator": ["--control-port", "0", "--client-port", "0"],
        "up": ["--control-port", "0", "--client-port", "0"],
    ]

    /// Each command that takes a model, with `model` for it.
    private func commands(_ model: String) async throws -> [[String]] {
        var commands: [[String]] = []
        for entry in try await CommandList.read().entries {
            let name = entry.path.joined(separator: " ")
            let arguments = entry.path + (Self.needed[name] ?? [])
            if entry.options.contains(where: { ($0.names ?? []).contains { $0.name == "model" } }) {
                commands.append(arguments + ["--model", model])
            } else if ["model inspect", "model pack"].contains(name) {
                commands.append(arguments + [model])
            }
        }
        try #require(commands.count >= 12)
        return commands
    }

    /// A copy of a model in which `file` has been replaced.
    private func withModel(_ file: String, _ replace: (String) throws -> Void, _ body: (String) async throws -> Void)
        async throws
    {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.copyItem(atPath: Repository.fieldCaseModel, toPath: directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try? FileManager.default.removeItem(atPath: directory + "/" + file)
        try replace(directory + "/" + file)
        try await body(directory)
    }

    private func makePipe(_ path: String) { #expect(mkfifo(path, 0o600) == 0) }

    private func writePage(_ path: String) throws {
        try "<!DOCTYPE html>".write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func expectOneLine(_ arguments: [String], naming parts: [String]) async throws {
        let finished = try await run(arguments)
        #expect([1, 2].contains(finished.status) && finished.output.isEmpty, "\(arguments): \(finished)")
        // Supervisors add how their child ended.
        let line = finished.errors.split(separator: "\n").first ?? ""
        #expect(line.hasPrefix("paceline: "), "\(arguments): \(finished.errors)")
        for part in parts { #expect(line.contains(part), "\(arguments): \(part): \(finished.errors)") }
    }

    @Test("a name of Hugging Face's Hub is met by how to download it")
    func hubNames() async throws {
        for name in ["gpt2", "openai-community/gpt2-xl"] {
            for arguments in try await commands(name) {
                try await expectOneLine(arguments, naming: ["no such directory", "huggingface-cli download \(name) "])
            }
        }
    }

    @Test("a web page as config.json")
    func webPage() async throws {
        try await withModel("config.json", writePage) {
            for arguments in try await commands($0) {
                try await expectOneLine(arguments, naming: ["config.json", "is a web page", "download it again"])
            }
        }
    }

    @Test("a named pipe as config.json is refused at once")
    func namedPipe() async throws {
        try await withModel("config.json", makePipe) {
            for arguments in try await commands($0) {
                try await expectOneLine(arguments, naming: ["config.json", "pipe"])
            }
        }
    }

    @Test("packing refuses a pipe among the tokenizer's files, and leaves nothing")
    func pipeWhilePacking() async throws {
        try await withModel("vocab.json", makePipe) { model in
            let output = model + "-packed"
            let finished = try await run(["model", "pack", model, "--type", "bf16", "-o", output])
            #expect(finished.status == 1 && finished.errors.contains("vocab.json: cannot be read: it is a named pipe"))
            #expect(!FileManager.default.fileExists(atPath: output))
        }
    }

    @Test("weights that are infinite or beyond f16 are refused by name, when packed and when loaded")
    func unusableWeights() async throws {
        let model = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: model) }
        let options = "--size small --layers 1 --width 64 --heads 1 --context 16 --type f32".split(separator: " ")
        let made = try await run(["model", "synth", "-o", model] + options.map(String.init))
        try #require(made.status == 0, "\(made.errors)")
        let pack = ["model", "pack", model, "-o", model + "-packed", "--type"]
        let load = ["generate", "--local", "--model", model, "hi", "--max-tokens", "1", "--type"]
        try set(100_000, "h.0.mlp.c_fc.weight", in: model + "/model.safetensors")
        for arguments in [pack, load] {
            try await expectOneLine(
                arguments + ["f16"], naming: ["h.0.mlp.c_fc.weight", "100000", "65504", "bf16"])
        }
        #expect(try await run(load + ["bf16"]).status == 0)
        for value in [Float.infinity, .nan] {
            try set(value, "h.0.mlp.c_fc.weight", in: model + "/model.safetensors")
            try await expectOneLine(pack + ["int8"], naming: ["h.0.mlp.c_fc.weight", "training diverged"])
        }
        #expect(!FileManager.default.fileExists(atPath: model + "-packed"))
    }

    /// Writes the second weight of a tensor in f32.
    private func set(_ value: Float, _ tensor: String, in path: String) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let count = try #require(try file.read(upToCount: 8)).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        let text = try #require(try file.read(upToCount: Int(count)))
        let header = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        let name = try #require(header.keys.first { $0.hasSuffix(tensor) })
        let offsets = try #require((header[name] as? [String: Any])?["data_offsets"] as? [Int])
        try file.seek(toOffset: 8 + count + UInt64(offsets[0]) + 4)
        try file.write(contentsOf: withUnsafeBytes(of: value.bitPattern.littleEndian) { Data($0) })
    }
}
