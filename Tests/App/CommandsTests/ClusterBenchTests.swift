import Foundation
import Testing

/// `paceline bench cluster` with real processes; what it measures here means nothing.
@Suite("Benchmarks of clusters", .serialized)
struct ClusterBenchTests {
    static let short = ["bench", "cluster", "--threads", "1", "--json"]

    @Test("streams go through one process and clusters of several sizes, with the same answers and rates of both")
    func streams() async throws {
        let finished = try await run(
            Self.short + ["--workers", "2,3", "--streams", "1,4", "--prompt", "12", "--decode", "6", "--repeat", "2"])
        #expect(finished.status == 0, "\(finished.errors)")
        let results = try #require(try finished.jsonLines().first?["results"] as? [[String: Any]])
        #expect(results.compactMap { $0["workers"] as? Int } == [2, 2, 3, 3])
        #expect(results.compactMap { $0["streams"] as? Int } == [1, 4, 1, 4])
        for result in results {
            let isAlone = result["streams"] as? Int == 1
            for side in ["local", "cluster"] {
                let rates = try #require(result[side] as? [String: Double])
                #expect(try #require(rates["whole_tokens_per_second"]) > 0)
                // Several streams may each have ended before the last began.
                if isAlone { #expect(try #require(rates["decode_tokens_per_second"]) > 0) }
            }
            #expect(try #require(result["whole_ratio"] as? Double) > 0)
            #expect(try #require(result["decode"] as? Int) >= 6)
            #expect((result["added_milliseconds_per_hop"] != nil) == isAlone)
        }
    }

    @Test("clients with connections of their own all get answers, and memory of every process is looked at three times")
    func load() async throws {
        let finished = try await run(
            Self.short + ["--load", "--clients", "8", "--seconds", "3", "--prompt", "5-60", "--decode", "4-8"])
        #expect(finished.status == 0, "\(finished.errors)")
        let load = try #require(try finished.jsonLines().first?["load"] as? [String: Any])
        #expect(load["clients"] as? Int == 8 && load["errors"] as? Int == 0)
        #expect(try #require(load["requests"] as? Int) >= 8)
        #expect(try #require(load["least_tokens_of_client"] as? Int) >= 4)
        let ratios = try #require(load["first_token_over_ideal"] as? [String: Double])
        #expect(try #require(ratios["median"]) > 0 && ratios.count == 3)
        let memory = try #require(load["memory"] as? [[String: Any]])
        #expect(memory.compactMap { $0["process"] as? String } == ["coordinator", "worker-1", "worker-2"])
        for process in memory {
            let resident = try #require(process["resident"] as? [Int])
            #expect(resident.count == 3 && resident.allSatisfy { $0 > 1 << 20 })
        }
    }

    @Test("a cluster that is there is measured alone; one where requests fail is an error that says how many")
    func running() async throws {
        try await TestCluster.with(workers: 2) { cluster in
            let alone = try await cluster.client(
                "bench", "cluster", "--streams", "2", "--prompt", "8", "--decode", "4", "--repeat", "1", "--json")
            #expect(alone.status == 0, "\(alone.errors)")
            let result = try #require((try alone.jsonLines().first?["results"] as? [[String: Any]])?.first)
            #expect(result["cluster"] != nil && result["local"] == nil && result["decode_ratio"] == nil)
            let finishedBefore = try #require(try await cluster.status()["finished_requests"] as? Int)
            let load = try cluster.start(
                "bench", "cluster", "--load", "--clients", "4", "--seconds", "5", "--prompt", "5-60", "--decode", "4-8")
            _ = try await waitUntil("requests to be answered") {
                let finished = try await cluster.status()["finished_requests"] as? Int ?? 0
                return finished > finishedBefore + 8 ? true : nil
            }
            cluster.workers[0].send(signal: SIGKILL)
            let finished = await load.finish()
            #expect(finished.status == 1 && finished.errors.contains("requests failed; the first: "))
            #expect(finished.output.contains("4 clients for 5 s"))
        }
    }

    @Test("^C ends it, and every process it started")
    func interrupted() async throws {
        let bench = try RunningProcess(Self.short + ["--repeat", "1000", "--prompt", "12", "--streams", "2"])
        let children = try await waitUntil("its processes") {
            let children = Self.children(of: bench.id)
            return children.count == 3 ? children : nil
        }
        bench.send(signal: SIGINT)
        let finished = await bench.finish()
        #expect(finished.status == 1 && finished.output.isEmpty)
        for child in children { #expect(kill(child, 0) != 0, "process \(child) is still there") }
    }

    @Test(
        "what cannot be measured is one clear line",
        arguments: [
            (["--streams", "0"], "--streams"), (["--workers", "9"], "--workers 9"),
            (["--prompt", "5-900"], "--prompt 5-900"), (["--prompt", "9-5"], "--prompt"),
            (["--prompt", "500", "--decode", "48"], "548 positions"), (["--decode", "1"], "--decode"),
            (["--load", "--streams", "1"], "--streams"), (["--clients", "3"], "--clients"),
            (["--load", "--workers", "2,3"], "--workers"), (["--load", "--prompt", "5-900"], "964 positions"),
            (["--coordinator", "tcp://127.0.0.1:1", "--threads", "1"], "--coordinator"),
        ] as [([String], String)])
    func refused(arguments: [String], named: String) async throws {
        let finished = try await run(["bench", "cluster"] + arguments)
        #expect(finished.status == 2)
        #expect(finished.output.isEmpty && finished.errors.contains(named), "\(finished.errors)")
    }

    @Test("streams that a cluster has not the KV cache blocks for are refused, with the numbers")
    func tooManyStreams() async throws {
        try await TestCluster.with(workers: 1, started: 0) { cluster in
            try cluster.addWorker(["--kv-memory", "20M"])
            try await cluster.waitUntilReady()
            let finished = try await cluster.client("bench", "cluster", "--streams", "64")
            #expect(finished.status == 2 && finished.output.isEmpty)
            #expect(finished.errors.contains("KV cache blocks"), "\(finished.errors)")
        }
    }

    @Test("no coordinator where one is named is exit code 69")
    func nobody() async throws {
        let finished = try await run(["bench", "cluster", "--coordinator", "tcp://127.0.0.1:1"])
        #expect(finished.status == 69 && finished.errors.contains("no coordinator answers"))
    }

    /// Processes that any of its threads started.
    private static func children(of process: Int32) -> [Int32] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        return tasks.flatMap { task in
            let text = try? String(contentsOfFile: "/proc/\(process)/task/\(task)/children", encoding: .utf8)
            return (text ?? "").split(separator: " ").compactMap { Int32($0) }
        }
    }
}
