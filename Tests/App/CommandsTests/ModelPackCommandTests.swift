import Foundation
import Testing

/// `paceline model pack`, and what runs with a packed model.
@Suite("Packing models", .serialized)
struct ModelPackCommandTests {
    private static let files =
        [
            "config.json", "generation_config.json", "merges.txt", "model-embedding.safetensors",
            "model-head.safetensors",
        ]
        + (0..<8).map { "model-layer-\($0).safetensors" } + ["model.safetensors.index.json", "vocab.json"]

    private static let requests = [
        ["Once upon a time", "--temperature", "0", "--seed", "0"],
        ["The king", "--temperature", "0.8", "--top-k", "40", "--seed", "7", "-n", "2"],
    ]

    /// A directory for one test, removed at its end.
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    /// The embedded model, packed.
    private func withPacked(_ type: String, _ body: (String) async throws -> Void) async throws {
        try await withDirectory { directory in
            let model = directory + "/" + type
            let finished = try await run(["model", "pack", "--type", type, "-o", model])
            #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished.errors)")
            #expect(finished.output.hasPrefix("\(model): packed as \(type), "))
            try await body(model)
        }
    }

    private func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private func answers(_ options: [String]) async throws -> [[String]] {
        var answers: [[String]] = []
        for request in Self.requests {
            let finished = try await run(SameBitsTests.generate(request) + options)
            #expect(finished.status == 0 && !finished.output.isEmpty, "\(finished.errors)")
            answers.append(SameBitsTests.answers(finished))
        }
        return answers
    }

    private func inspect(_ options: [String]) async throws -> [String: Any] {
        let finished = try await run(["model", "inspect", "--json"] + options)
        #expect(finished.status == 0, "\(finished.errors)")
        return try #require(try finished.jsonLines().first)
    }

    private func expectOneLine(_ finished: Finished, status: Int32, _ parts: [String]) {
        #expect(finished.status == status)
        #expect(finished.output.isEmpty)
        #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
        for part in parts { #expect(finished.errors.contains(part), "\(part): \(finished.errors)") }
    }

    @Test("a packed model can be inspected and verified, and answers as its type does, alone and in a cluster")
    func packed() async throws {
        try await withPacked("int8") { model in
            #expect(try names(model) == Self.files)
            let (source, report) = try await (inspect([demoModel]), inspect([model, "--verify"]))
            #expect(report["packed_type"] as? String == "int8" && source["packed_type"] == nil)
            #expect(report["parameters"] as? Int == source["parameters"] as? Int)
            // The model is the one that was packed.
            #expect(report["sha256"] as? String == source["sha256"] as? String)
            #expect(report["groups"] as? [[String: String]] == source["groups"] as? [[String: String]])
            #expect(try names(model) == Self.files)

            let expected = try await answers(["--local", "--type", "int8"])
            #expect(try await answers(["--local", "--model", model, "--threads", "1"]) == expected)
            #expect(try await answers(["--local", "--model", model, "--type", "int8", "--verify"]) == expected)
            #expect(try await answers(["--local"]) != expected)
            try await TestCluster.with(workers: 2, model: model) { cluster in
                #expect(try await answers(["--coordinator", cluster.clientEndpoint]) == expected)
                let status = try await cluster.status()
                #expect(status["model_sha256"] as? String == report["sha256"] as? String)
            }
        }
    }

    @Test(
        "the coordinator says in which types a cluster computes",
        arguments: [["int4"], ["int8", "f32"], ["f32", "f16"]])
    func clusterTypes(types: [String]) async throws {
        let options = ["--type", types[0]] + types.dropFirst().flatMap { ["--kv", $0] }
        let expected = try await answers(["--local"] + options)
        try await TestCluster.with(workers: 2, options: options) { cluster in
            let found = try await answers(["--coordinator", cluster.clientEndpoint])
            #expect(found == expected, "\(types)")
            let status = try await cluster.status()
            let cache = types.count > 1 ? types[1] : "f16"
            #expect(status["weight_type"] as? String == types[0] && status["cache_type"] as? String == cache)
            let table = try await cluster.client("status").output
            #expect(table.contains("weights in \(types[0]), keys and values in \(cache)"), "\(table)")
        }
    }

    @Test("workers with the model packed and not packed work together")
    func mixedForms() async throws {
        let expected = try await answers(["--local", "--type", "int8"])
        try await withPacked("int8") { packed in
            for model in [packed, demoModel] {
                let options = model == packed ? [] : ["--type", "int8"]
                try await TestCluster.with(workers: 2, model: model, options: options, started: 0) { cluster in
                    try cluster.addWorker(["--model", packed])
                    try cluster.addWorker(["--model", demoModel])
                    try await cluster.waitUntilReady()
                    #expect(try await answers(["--coordinator", cluster.clientEndpoint]) == expected)
                }
            }
        }
    }

    @Test("a worker with the model packed in another type says so and ends, and the coordinator goes on")
    func foreignWorker() async throws {
        try await withPacked("int8") { packed in
            try await TestCluster.with(workers: 1, options: ["--type", "int4"], started: 0) { cluster in
                let worker = try await cluster.addWorker(["--model", packed]).finish()
                #expect(worker.status == 1)
                #expect(worker.errors.contains("packed as int8, and int4 is asked for"), "\(worker.errors)")
                try cluster.addWorker()
                try await cluster.waitUntilReady()
            }
        }
    }

    @Test("a model packed in one type is not computed in another")
    func wrongType() async throws {
        try await withPacked("int8") { model in
            let parts = ["--type f32", "packed as int8"]
            for command in [["generate", "--local", "A king"], ["coordinator", "--control-port", "0"]] {
                expectOneLine(try await run(command + ["--model", model, "--type", "f32"]), status: 2, parts)
            }
            let again = try await run(["model", "pack", model, "--type", "int4", "-o", model + "-again"])
            expectOneLine(again, status: 1, [model, "packed already"])
            #expect(!FileManager.default.fileExists(atPath: model + "-again"))
        }
    }

    @Test("a type that is not known is refused, and those that are are named")
    func unknownType() async throws {
        for command in [["model", "pack", "-o", "/nowhere"], ["generate", "--local", "A king"], ["coordinator"]] {
            let finished = try await run(command + ["--type", "int3"])
            #expect(finished.status == 2 && finished.output.isEmpty)
            for part in ["int3", "f32", "bf16", "f16", "int8", "int4"] {
                #expect(finished.errors.contains(part), "\(part): \(finished.errors)")
            }
        }
        let cache = try await run(["generate", "--local", "A king", "--kv", "int8"])
        #expect(cache.status == 2 && cache.errors.contains("--kv"), "\(cache.errors)")
    }

    @Test("a model that is there is replaced only with --force")
    func existing() async throws {
        try await withPacked("int8") { model in
            let command = ["model", "pack", "--type", "int4", "-o", model]
            expectOneLine(try await run(command), status: 2, [model, "--force"])
            #expect(try await inspect([model])["packed_type"] as? String == "int8")
            #expect(try await run(command + ["--force"]).status == 0)
            #expect(try await inspect([model, "--verify"])["packed_type"] as? String == "int4")
            #expect(try names(model) == Self.files)
        }
    }

    @Test("a damaged file is found with --verify, by everyone who reads a model")
    func damaged() async throws {
        try await withPacked("int4") { model in
            let file = URL(fileURLWithPath: model + "/model-layer-5.safetensors")
            var bytes = try Data(contentsOf: file)
            bytes[bytes.count / 2] ^= 4
            try bytes.write(to: file)
            for command in [
                ["model", "inspect", model], ["generate", "--local", "A king", "--model", model],
                ["coordinator", "--control-port", "0", "--client-port", "0", "--model", model],
                ["worker", "--model", model],
            ] {
                expectOneLine(
                    try await run(command + ["--verify"]), status: 1, ["model-layer-5.safetensors", "damaged"])
            }
        }
    }

    @Test("a disk that is full leaves nothing behind")
    func fullDisk() async throws {
        try await withDirectory { directory in
            let command = "model pack --type f32 -o \(directory)/new"
            let limited = try RunningProcess(
                ["-c", "trap '' XFSZ; ulimit -f 2000; exec '\(paceline.path)' \(command)"],
                program: URL(fileURLWithPath: "/bin/bash"))
            expectOneLine(await limited.finish(), status: 1, [".safetensors", "cannot be written"])
            #expect(try names(directory) == [])
        }
    }

    @Test("a model is not packed over itself")
    func overItself() async throws {
        for output in [demoModel, demoModel + "/../demo/."] {
            let finished = try await run(["model", "pack", demoModel, "--type", "int8", "-o", output, "--force"])
            #expect(finished.status == 2)
            #expect(finished.errors.contains("is the model itself"), "\(finished.errors)")
        }
    }

    @Test("^C ends the packing and leaves nothing behind")
    func interrupted() async throws {
        try await withDirectory { directory in
            let source = directory + "/source"
            let synth = ["model", "synth", "--size", "small", "--layers", "6", "-o", source]
            try #require(try await run(synth).status == 0)
            let model = directory + "/model"
            let process = try RunningProcess(["model", "pack", source, "--type", "int4", "-o", model])
            _ = try await waitUntil("the first file") { try? names(model).first }
            process.send(signal: SIGINT)
            expectOneLine(await process.finish(), status: 1, ["cancelled", model])
            #expect(try names(directory) == ["source"])
        }
    }
}
