import Foundation
import Observe
import Testing

/// `paceline trace` and `paceline status --watch` with a cluster at work.
@Suite("Seeing a cluster work", .serialized)
struct VisibleWorkTests {
    /// A request that runs for some seconds, begun.
    private func load(_ cluster: TestCluster) async throws -> RunningProcess {
        let generating = try cluster.start(
            "generate", "Once upon a time", "-n", "16", "--max-tokens", "480", "--ignore-end-of-text", "--json",
            "--stream")
        _ = try await generating.firstOutput()
        return generating
    }

    private func traceFile() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json").path
    }

    @Test("a trace has both stages, and each batch's slices within the batch")
    func trace() async throws {
        let file = traceFile()
        let picture = file + ".svg"
        defer { for path in [file, picture] { try? FileManager.default.removeItem(atPath: path) } }
        try await TestCluster.with(workers: 2) { cluster in
            let generating = try await load(cluster)
            let finished = try await cluster.client(
                "trace", "-o", file, "--seconds", "1", "--svg", picture, "--json")
            generating.send(signal: SIGINT)
            _ = await generating.finish()
            #expect(finished.status == 0, "\(finished.errors)")
            let report = try #require(try finished.jsonLines().first)
            let stages = try #require(report["stages"] as? [[String: Any]])
            #expect(stages.count == 2)
            for stage in stages {
                let shares = ["busy", "bubbles"].compactMap { stage[$0] as? Double }
                #expect(shares.count == 2 && shares.allSatisfy { (0...1).contains($0) }, "\(stage)")
                #expect((stage["batches"] as? Int ?? 0) > 0)
            }
            try check(file)
        }
        #expect(try String(contentsOfFile: picture, encoding: .utf8).contains("stage 1 ("))
    }

    private func check(_ file: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let contents = try Data(contentsOf: URL(fileURLWithPath: file))
        let events = try decoder.decode([ChromeTrace.Event].self, from: contents)
        var rows: [Int: String] = [:]
        for event in events where event.name == "thread_name" { rows[event.tid] = event.args?.name }
        let stageRows = rows.filter { $0.value.hasPrefix("stage") }
        #expect(stageRows.values.map { $0.prefix(7) }.sorted() == ["stage 0", "stage 1"])
        let slices = Dictionary(grouping: events.filter { $0.ph == "X" }) { $0.args?.batch }
        #expect(!slices.isEmpty)
        for (batch, places) in slices {
            let whole = try #require(places.first { stageRows[$0.tid] == nil })
            let stages = places.filter { stageRows[$0.tid] != nil }.sorted { ($0.ts ?? 0) < ($1.ts ?? 0) }
            #expect(stages.map { stageRows[$0.tid]?.prefix(7) } == ["stage 0", "stage 1"], "batch \(batch ?? 0)")
            let start = try #require(whole.ts)
            let end = start + (try #require(whole.dur))
            for slice in stages {
                let begun = try #require(slice.ts)
                let ended = begun + (try #require(slice.dur))
                #expect(start <= begun && ended <= end, "batch \(batch ?? 0)")
            }
        }
    }

    @Test("a folder that is not there is found out before anything is recorded")
    func nowhere() async throws {
        let finished = try await run(["trace", "-o", "/nowhere/trace.json"])
        expectUsage(finished, "-o /nowhere/trace.json: No such file or directory")
    }

    @Test("nothing is left of a trace without a coordinator")
    func noCoordinator() async throws {
        let file = traceFile()
        let finished = try await run(["trace", "-o", file, "--coordinator", "tcp://127.0.0.1:9"])
        #expect(finished.status == 69)
        #expect(finished.errors.contains("no coordinator answers"), "\(finished.errors)")
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test("status --watch goes on until ^C, with the rates of each stage, and ends well")
    func watch() async throws {
        try await TestCluster.with(workers: 2) { cluster in
            let generating = try await load(cluster)
            let watching = try cluster.start("status", "--watch", "--json", "--interval", "0.2")
            _ = try await waitUntil("rates of both stages") { () -> Bool? in
                let lines = try Finished(status: 0, output: watching.completeLines, errors: "").jsonLines()
                let stages = lines.last?["stages"] as? [[String: Any]]
                return stages?.count == 2 ? true : nil
            }
            watching.send(signal: SIGINT)
            let finished = await watching.finish()
            #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished.errors)")
            generating.send(signal: SIGINT)
            _ = await generating.finish()
            let line = try #require(try finished.jsonLines().last)
            for stage in try #require(line["stages"] as? [[String: Any]]) {
                #expect((0...1).contains(try #require(stage["busy"] as? Double)))
                #expect((0...1).contains(try #require(stage["waiting"] as? Double)))
            }
        }
    }

    @Test("status --watch on a pipe writes one table after the other, plainly, and ends when the coordinator goes")
    func coordinatorGoes() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            let watching = try cluster.start("status", "--watch", "--interval", "0.1")
            _ = try await waitUntil("three tables") {
                watching.completeLines.split(separator: "\n").count { $0.hasPrefix("STAGE") } >= 3 ? true : nil
            }
            cluster.coordinator.send(signal: SIGKILL)
            let finished = await watching.finish()
            #expect(finished.status == 1)
            #expect(finished.errors.contains("stopped answering"), "\(finished.errors)")
            #expect(!finished.output.contains("\u{1B}"))
        }
    }
}
