import Foundation
import Testing

/// `paceline model synth` and `paceline model inspect`.
@Suite("Making and inspecting models")
struct ModelCommandTests {
    private static let tiny = ["--size", "small", "--layers", "2", "--width", "32", "--heads", "2", "--context", "64"]

    /// A directory for one test, removed at its end.
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    private func synth(_ output: String, _ options: [String] = []) async throws -> Finished {
        try await run(["model", "synth", "-o", output] + Self.tiny + options)
    }

    private func inspect(_ directory: String) async throws -> [String: Any] {
        let finished = try await run(["model", "inspect", directory, "--json"])
        #expect(finished.status == 0, "\(finished.errors)")
        return try #require(try finished.jsonLines().first)
    }

    private func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private func expectOneLine(_ finished: Finished, status: Int32, _ parts: String...) {
        #expect(finished.status == status)
        #expect(finished.output.isEmpty)
        #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
        for part in parts { #expect(finished.errors.contains(part), "\(part): \(finished.errors)") }
    }

    @Test("a model of random weights can be inspected, tokenizes as GPT-2 does, and writes")
    func synthesised() async throws {
        try await withDirectory { directory in
            // Directories on the way are made.
            let model = directory + "/models/tiny"
            let finished = try await synth(model, ["--seed", "3"])
            #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished.errors)")
            #expect(finished.output.contains("parameters in f16") && finished.output.contains("seed 3"))
            #expect(try names(model) == ["config.json", "merges.txt", "model.safetensors", "vocab.json"])

            let report = try await inspect(model)
            let parameters = 50_257 * 32 + 64 * 32 + 2 * (12 * 32 * 32 + 13 * 32) + 2 * 32
            #expect(report["parameters"] as? Int == parameters)
            #expect(report["bytes"] as? Int == 2 * parameters)
            let configuration = try #require(report["configuration"] as? [String: Any])
            #expect(configuration["layer_count"] as? Int == 2 && configuration["vocabulary_size"] as? Int == 50_257)

            #expect(try await run(["tokenize", "--model", model, "Hello world"]).output == "15496 995\n")
            let request = ["generate", "--local", "--model", model, "Hello", "--max-tokens", "4", "--seed", "1"]
            let text = try await run(request)
            #expect(text.status == 0 && !text.output.isEmpty, "\(text.errors)")
            #expect(try await run(request + ["--threads", "1"]).output == text.output)
        }
    }

    @Test("the same seed gives the same model, another seed or type another")
    func seeds() async throws {
        try await withDirectory { directory in
            let options = [
                ["--seed", "1"], ["--seed", "1", "--threads", "1"], ["--seed", "2"], ["--seed", "1", "--type", "bf16"],
            ]
            var identities: [String] = []
            for (index, options) in options.enumerated() {
                #expect(try await synth("\(directory)/\(index)", options).status == 0)
                identities.append(try #require(try await inspect("\(directory)/\(index)")["sha256"] as? String))
            }
            #expect(identities[0] == identities[1])
            #expect(Set(identities).count == 3)
        }
    }

    @Test("a model that is there is replaced only with --force, and other files stay")
    func existing() async throws {
        try await withDirectory { directory in
            try Data("mine".utf8).write(to: URL(fileURLWithPath: directory + "/notes.txt"))
            #expect(try await synth(directory).status == 0)
            let before = try await inspect(directory)["sha256"] as? String
            expectOneLine(try await synth(directory, ["--seed", "9"]), status: 2, directory, "config.json", "--force")
            #expect(try await inspect(directory)["sha256"] as? String == before)

            // What a model of several files would have left goes too.
            for name in ["model-00001-of-00002.safetensors", "model.safetensors.index.json"] {
                try Data("old".utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
            }
            #expect(try await synth(directory, ["--seed", "9", "--force"]).status == 0)
            #expect(
                try names(directory) == ["config.json", "merges.txt", "model.safetensors", "notes.txt", "vocab.json"])
            #expect(try await inspect(directory)["sha256"] as? String != before)
        }
    }

    @Test("where there is no room nothing is begun, and a disk that refuses leaves nothing behind")
    func fullDisk() async throws {
        try await withDirectory { directory in
            let model = directory + "/new"
            let huge = try await run([
                "model", "synth", "--size", "xl", "--layers", "4096", "--width", "65536", "--heads", "64", "-o", model,
            ])
            expectOneLine(huge, status: 1, model, "the model takes 422", "TB", "free")
            #expect(try names(directory) == [])

            // The system refuses to write more than so many blocks of one file.
            let command = (["model", "synth", "-o", model] + Self.tiny).joined(separator: " ")
            let limited = try RunningProcess(
                ["-c", "trap '' XFSZ; ulimit -f 1000; exec '\(paceline.path)' \(command)"],
                program: URL(fileURLWithPath: "/bin/bash"))
            expectOneLine(await limited.finish(), status: 1, "model.safetensors", "cannot be written")
            #expect(try names(directory) == [])
        }
    }

    @Test("^C ends the writing and leaves nothing behind")
    func interrupted() async throws {
        try await withDirectory { directory in
            let model = directory + "/model"
            let process = try RunningProcess(["model", "synth", "--size", "small", "-o", model])
            _ = try await waitUntil("the first file") { try? names(model).first }
            process.send(signal: SIGINT)
            expectOneLine(await process.finish(), status: 1, "cancelled", model)
            #expect(try names(directory) == [])
        }
    }

    @Test(
        "what cannot be made is refused with the option's name",
        arguments: [
            (["--size", "huge"], "huge"), (["--size", "small", "--heads", "7"], "7 heads do not divide the width 768"),
            (["--size", "small", "--layers", "0"], "--layers"), (["--size", "small", "--width", "65537"], "--width"),
            (["--size", "small", "--context", "0"], "--context"), (["--size", "small", "--type", "int8"], "int8"),
            (["--size", "small", "--seed", "-1"], "--seed"), (["--size", "small", "--threads", "0"], "--threads"),
            (["--layers", "1"], "--size"),
        ])
    func refused(options: [String], part: String) async throws {
        let finished = try await run(["model", "synth", "-o", "/nowhere"] + options)
        #expect(finished.status == 2)
        #expect(finished.errors.contains(part), "\(finished.errors)")
    }

    @Test("a place where no directory can be is refused")
    func place() async throws {
        expectOneLine(
            try await synth(demoModel + "/config.json"), status: 2, "config.json: is a file; name a directory")
        expectOneLine(
            try await synth(demoModel + "/config.json/x"), status: 2, "config.json/x: cannot be read: Not a directory")
    }

    @Test("inspect has equal layers in one line, and with --all each tensor in one of its own")
    func inspectLines() async throws {
        let short = try await run(["model", "inspect", demoModel]).output
        #expect(short.contains("transformer.h.0-7") && short.contains("12 tensors each"), "\(short)")
        #expect(!short.contains("h.3.") && !short.contains("layer 3") && short.split(separator: "\n").count < 30)
        let all = try await run(["model", "inspect", demoModel, "--all"]).output
        #expect(all.contains("transformer.h.3.mlp.c_fc.weight") && all.contains("layer 3"), "\(all)")
    }

    @Test("inspect shows the embedded model as a coordinator knows it")
    func embedded() async throws {
        let report = try await inspect(demoModel)
        let configuration = try #require(report["configuration"] as? [String: Any])
        for (name, value) in [
            ("layer_count", 8), ("width", 192), ("head_count", 3), ("context", 512), ("vocabulary_size", 8192),
            ("inner_width", 768),
        ] {
            #expect(configuration[name] as? Int == value, "\(name)")
        }
        let tensors = try #require(report["tensors"] as? [[String: Any]])
        #expect(tensors.count == 8 * 12 + 4)
        #expect(tensors[0]["shape"] as? [Int] == [8192, 192] && tensors[0]["type"] as? String == "F16")
        #expect(report["parameters"] as? Int == 5_230_464)
        #expect(report["bytes"] as? Int == tensors.reduce(0) { $0 + ($1["bytes"] as? Int ?? 0) })
        let groups = try #require(report["groups"] as? [[String: String]])
        #expect(groups.compactMap { $0["name"] } == (0..<8).map { "layer \($0)" } + ["embedding", "head"])

        let text = try await run(["model", "inspect", "--all"]).output
        for value in [report["sha256"] as? String, groups[0]["sha256"], "8192×192"] {
            #expect(text.contains(try #require(value)))
        }
        let status = try await TestCluster.with(workers: 1, started: 0) { cluster in
            try await run(["status", "--coordinator", cluster.clientEndpoint, "--json"])
        }
        #expect(try status.jsonLines().first?["model_sha256"] as? String == report["sha256"] as? String)
    }

    @Test("inspect refuses weights that are not those of the configuration")
    func mismatch() async throws {
        try await withDirectory { directory in
            let model = directory + "/model"
            #expect(try await synth(model).status == 0)
            let file = URL(fileURLWithPath: model + "/config.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.replacingOccurrences(of: "\"n_layer\": 2", with: "\"n_layer\": 3")
                .write(to: file, atomically: true, encoding: .utf8)
            expectOneLine(try await run(["model", "inspect", model]), status: 1, "h.2.ln_1.weight")
            try text.replacingOccurrences(of: "\"n_positions\": 64", with: "\"n_positions\": 65")
                .write(to: file, atomically: true, encoding: .utf8)
            expectOneLine(
                try await run(["model", "inspect", model]), status: 1, "wpe.weight", "[64, 32], expected [65, 32]")
            expectOneLine(try await run(["model", "inspect", "/nowhere"]), status: 2, "/nowhere")
        }
    }
}
