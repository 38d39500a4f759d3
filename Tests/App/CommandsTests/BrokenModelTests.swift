import Foundation
import Testing

/// A model directory that is not what it should be: one line that names the file and what is wrong, exit code 1 or 2.
@Suite("Broken model directories")
struct BrokenModelTests {
    /// A copy of the embedded model, changed.
    private func broken(_ change: (URL) throws -> Void) async throws -> Finished {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for file in ["config.json", "model.safetensors", "vocab.json", "merges.txt"] {
            try FileManager.default.copyItem(
                atPath: demoModel + "/" + file, toPath: directory.appendingPathComponent(file).path)
        }
        try change(directory)
        return try await run(["generate", "--local", "--model", directory.path, "A king", "--max-tokens", "2"])
    }

    /// Replaces text in a file.
    private func edit(_ file: String, _ old: String, _ new: String) -> (URL) throws -> Void {
        { directory in
            let url = directory.appendingPathComponent(file)
            let text = try String(contentsOf: url, encoding: .utf8)
            try #require(text.contains(old))
            try text.replacingOccurrences(of: old, with: new).write(to: url, atomically: true, encoding: .utf8)
        }
    }

    private func expectOneLine(_ finished: Finished, naming parts: String...) {
        #expect(finished.status == 1 || finished.status == 2)
        #expect(finished.output.isEmpty)
        #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
        for part in parts { #expect(finished.errors.contains(part), "\(part): \(finished.errors)") }
    }

    @Test("files that are missing")
    func missing() async throws {
        for file in ["config.json", "model.safetensors", "vocab.json", "merges.txt"] {
            let finished = try await broken { try FileManager.default.removeItem(at: $0.appendingPathComponent(file)) }
            expectOneLine(finished, naming: file)
        }
    }

    @Test("weights cut short, and a header that ends past the file")
    func truncated() async throws {
        for length in [4, 100, 5_000_000] {
            let finished = try await broken { directory in
                let file = try FileHandle(forWritingTo: directory.appendingPathComponent("model.safetensors"))
                try file.truncate(atOffset: UInt64(length))
                try file.close()
            }
            expectOneLine(finished, naming: "model.safetensors")
        }
    }

    @Test("tensors that overlap, are of another shape or type, or are missing")
    func tensors() async throws {
        let cases = [
            (#""transformer.h.0.ln_1.bias""#, #""transformer.h.0.ln_9.bias""#, "h.0.ln_9.bias"),
            (#""transformer.ln_f.bias":{"dtype":"F16""#, #""transformer.ln_f.bias":{"dtype":"I16""#, "ln_f.bias"),
        ]
        for (old, new, name) in cases {
            let finished = try await broken { directory in
                let url = directory.appendingPathComponent("model.safetensors")
                var bytes = try Data(contentsOf: url)
                let place = try #require(bytes.range(of: Data(old.utf8)), "\(old)")
                bytes.replaceSubrange(place, with: Data(new.utf8))
                try bytes.write(to: url)
            }
            expectOneLine(finished, naming: name)
        }
        let wider = try await broken(edit("config.json", #""n_embd": 192"#, #""n_embd": 195"#))
        expectOneLine(wider, naming: "195")
    }

    @Test("a configuration that cannot be")
    func configuration() async throws {
        expectOneLine(
            try await broken(edit("config.json", #""n_head": 3"#, #""n_head": 5"#)), naming: "config.json", "n_head")
        expectOneLine(
            try await broken(edit("config.json", "gelu_new", "mish")), naming: "config.json", "activation_function")
        expectOneLine(try await broken(edit("config.json", "{", "")), naming: "config.json")
    }

    @Test("a vocabulary and merges that disagree")
    func vocabulary() async throws {
        expectOneLine(
            try await broken { directory in
                let url = directory.appendingPathComponent("merges.txt")
                let text = try String(contentsOf: url, encoding: .utf8)
                try (text + "qqq zzz\n").write(to: url, atomically: true, encoding: .utf8)
            }, naming: "merges.txt")
    }
}
