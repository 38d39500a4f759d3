import Foundation
import TestSupport
import Testing

/// `paceline plan`, as a person or a program meets it.
@Suite("The plan command")
struct PlanCommandTests {
    private static let example = Repository.root.appending(path: "cluster/workers.example.yaml").path

    @Test("the example is planned: a table of stages, what to expect, and who is idle")
    func example() async throws {
        let finished = try await run(["plan", "--workers", Self.example])
        #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished.errors)")
        for part in [
            "gpt2-xl: 48 layers, weights in int8", "STAGE", "MACHINE, OF SLOWEST", "100 %", "+ head", "tok/s with 64",
        ] {
            #expect(finished.output.contains(part), "\(part) is not in \(finished.output)")
        }
    }

    @Test("--json has every worker once, every layer once in each pipeline, and what is expected")
    func json() async throws {
        for options in [[], ["--optimize", "latency", "--streams", "1"], ["--streams", "1024", "--size", "large"]] {
            let finished = try await run(["plan", "--workers", Self.example, "--json"] + options)
            let plan = try #require(try finished.jsonLines().first)
            let pipelines = try #require(plan["pipelines"] as? [[String: Any]])
            var names = try #require(plan["idle"] as? [[String: Any]]).compactMap { $0["worker"] as? String }
            for pipeline in pipelines {
                var next = 0
                for stage in try #require(pipeline["stages"] as? [[String: Any]]) {
                    #expect(stage["first_layer"] as? Int == next)
                    next += try #require(stage["layer_count"] as? Int)
                    names.append(try #require(stage["worker"] as? String))
                }
                #expect(next == (options.contains("large") ? 36 : 48))
            }
            #expect(names.sorted() == ["attic", "big-1", "big-2"] + (1...4).map { "node-\($0)" })
            let speed = try #require(plan["tokens_per_second"] as? Double)
            let alone = try #require(plan["tokens_per_second_alone"] as? Double)
            #expect(speed >= alone * 0.999 && alone > 0)
        }
    }

    @Test("a JSON file from standard input, and a model's own directory")
    func standardInput() async throws {
        let file = #"{"workers": [{"name": "a", "count": 2, "ms_per_layer": {"1": 0.05, "64": 0.5}, "layers": "0-3"}]}"#
        let finished = try await run(["plan", "--workers", "-", "--model", demoModel], input: Array(file.utf8))
        #expect(finished.status == 1)
        #expect(finished.errors.contains("no worker left for layers 4-7"), "\(finished.errors)")
        let free = file.replacingOccurrences(of: #", "layers": "0-3""#, with: "")
        let planned = try await run(["plan", "--workers", "-", "--model", demoModel], input: Array(free.utf8))
        #expect(planned.status == 0 && planned.output.hasPrefix("demo: 8 layers, weights in f32"), "\(planned.errors)")
    }

    @Test(
        "a bad file is one line that names file and field",
        arguments: [
            ("", "is empty"), ("[1, 2", "is no YAML"), ("{a: 1, a: 2}", "is there twice"), ("3", "must have fields"),
            ("model: {size: xl}", "workers: at least one is needed"), ("workers: 3", "workers: must be a list"),
            ("workers: [{name: a}]", "workers[0]: ms_per_layer is missing"),
            ("workers: [{ms_per_layer: {1: 1}}]", "workers[0]: name is missing"),
            ("workers:\n  - {name: a, ms_per_layer: {1: 1}}\n  - {name: b, memroy: 3}", ":3: workers[1].memroy"),
            ("workers: [{name: a, ms_per_layer: 7}]", "workers[0].ms_per_layer: must be numbers by rows"),
            ("workers: [{name: a, ms_per_layer: {1: -1}}]", "workers[0].ms_per_layer.1: must be a number"),
            ("workers: [{name: a, ms_per_layer: {1: .nan}}]", "workers[0].ms_per_layer.1: must be a number"),
            ("workers: [{name: a, ms_per_layer: {0: 1}}]", "workers[0].ms_per_layer.0: rows must be"),
            ("workers: [{name: a, ms_per_layer: {1: 1}, memory: much}]", "workers[0].memory: must be bytes"),
            ("workers: [{name: a, ms_per_layer: {1: 1}, count: 0}]", "workers[0].count: must be a whole number"),
            ("workers: [{name: a, ms_per_layer: {1: 1}, layers: 40-60}]", "layers: the model has layers 0-47"),
            ("workers: [{name: a, ms_per_layer: {1: 1}, gigabits_per_second: 0}]", "gigabits_per_second: must be"),
            ("model: {size: huge}\nworkers: []", "model.size: must be one of small, medium, large, xl"),
            ("workers: [{name: [a], ms_per_layer: {1: 1}}]", "workers[0].name: must be a word"),
            (
                "workers: [{name: a, count: 1000, ms_per_layer: {1: 1}}, {name: b, count: 25, ms_per_layer: {1: 1}}]",
                "1025 in all"
            ),
            ("a: &a [x]\nb: [*a, *c]", "is no YAML"),
        ])
    func badFile(content: String, message: String) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try content.write(toFile: file, atomically: true, encoding: .utf8)
        let finished = try await run(["plan", "--workers", file, "--size", "xl"])
        #expect(finished.status == 2 && finished.output.isEmpty)
        #expect(finished.errors.contains(file) && finished.errors.contains(message), "\(finished.errors)")
        #expect(finished.errors.count { $0 == "\n" } == 1, "\(finished.errors)")
    }

    // Not arguments of the test above: they would fill its report.
    @Test("a file nested a hundred thousand deep is refused in one line")
    func nested() async throws {
        try await badFile(content: String(repeating: "[", count: 100_000), message: "nested too deeply")
        try await badFile(content: String(repeating: "- ", count: 100_000) + "a", message: "nested too deeply")
    }

    @Test("what is missing is said")
    func missing() async throws {
        let file = Array("workers: [{name: a, ms_per_layer: {1: 1}, memory: 1M}]".utf8)
        let without = try await run(["plan", "--workers", "-"], input: file)
        #expect(without.status == 2 && without.errors.contains("which model?"), "\(without.errors)")
        let small = try await run(["plan", "--workers", "-", "--size", "xl"], input: file)
        #expect(small.status == 1 && small.errors.contains("cannot hold the model"), "\(small.errors)")
        let both = try await run(["plan", "--workers", "-", "--size", "xl", "--model", demoModel], input: file)
        #expect(both.status == 2 && both.errors.contains("not both"))
        let none = try await run(["plan", "--workers", "/nowhere.yaml", "--size", "xl"])
        #expect(none.status == 2 && none.errors.contains("/nowhere.yaml: No such file or directory"))
    }
}
