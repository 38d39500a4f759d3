import Commands
import Foundation
import Testing

@Suite("Benchmarks")
struct BenchTests {
    @Test("the middle value is the median, the mean of the middle two where there is none")
    func medians() {
        #expect(median([3, 1, 2]) == 2)
        #expect(median([4, 1, 3, 2]) == 2.5)
        #expect(median([7]) == 7)
        #expect(median([]) == 0)
    }

    @Test("the limit of work is what takes longer, its bytes or its operations")
    func costs() {
        let limits = LimitRates(bytesPerSecond: 10, operationsPerSecond: 100)
        #expect(WorkCost(bytes: 20, operations: 100).seconds(limits) == 2)
        #expect(WorkCost(bytes: 20, operations: 500).seconds(limits) == 5)
    }

    @Test("each run of the work is held against the limits just before and after it; the first does not count")
    func pairs() {
        var limits = [10.0, 20, 30, 40].map { LimitRates(bytesPerSecond: $0, operationsPerSecond: 1) }
        var times = [100.0, 1, 2, 4]
        let runs = PairedRuns(runs: 3, cost: WorkCost(bytes: 30, operations: 0)) {
            limits.removeFirst()
        } work: {
            times.removeFirst()
        }
        #expect(limits.isEmpty && times.isEmpty)
        // 30 bytes at 15, 25 and 35 a second, in 1, 2 and 4 seconds.
        #expect(runs.seconds == 2)
        #expect(runs.share == 30.0 / 25 / 2)
        #expect(runs.limits.bytesPerSecond == 25)
    }

    @Test("prompts fill batches in order, and what is left of one goes into the next")
    func prompts() {
        func parts(_ parts: (Int, Range<Int>)...) -> [PromptPart] {
            parts.map { PromptPart(sequence: $0.0, positions: $0.1) }
        }
        #expect(promptBatches(sequences: 1, prompt: 5, rows: 8) == [parts((0, 0..<5))])
        #expect(promptBatches(sequences: 2, prompt: 4, rows: 8) == [parts((0, 0..<4), (1, 0..<4))])
        #expect(
            promptBatches(sequences: 3, prompt: 5, rows: 8) == [
                parts((0, 0..<5), (1, 0..<3)), parts((1, 3..<5), (2, 0..<5)),
            ])
        #expect(
            promptBatches(sequences: 1, prompt: 9, rows: 4).map { $0.map(\.positions) } == [[0..<4], [4..<8], [8..<9]])
    }

    @Test("limits, kernels and model give JSON of positive numbers and the machine they are from")
    func smoke() async throws {
        let commands: [([String], String)] = [
            (["bench", "limits"], "read_bytes_per_second"),
            (
                ["bench", "kernels", "--products", "attn.c_proj", "--types", "f32,int8,int4", "--rows", "1,64"],
                "operations_per_second"
            ),
            (
                ["bench", "model", "--type", "int8", "--prompt", "8", "--decode", "2", "--batch", "1,2"],
                "decode_tokens_per_second"
            ),
        ]
        for (arguments, field) in commands {
            let finished = try await run(arguments + ["--quick", "--json"])
            #expect(finished.status == 0, "\(finished.errors)")
            let report = try #require(try finished.jsonLines().first)
            let machine = try #require(report["machine"] as? [String: Any])
            #expect((machine["cores"] as? Int ?? 0) > 0)
            let results = try #require(report["results"] as? [[String: Any]])
            #expect(!results.isEmpty)
            for result in results {
                let rate = try #require(result[field] as? Double)
                #expect(rate > 0 && rate.isFinite)
            }
        }
    }

    @Test("the parts of a batch are those of the computation", arguments: ["prefill", "decode"])
    func breakdown(of batch: String) async throws {
        let finished = try await run([
            "bench", "model", "--quick", "--breakdown", batch, "--prompt", "16", "--batch", "2", "--json",
        ])
        let parts = try #require(try finished.jsonLines().first?["parts"] as? [[String: Any]])
        let names = parts.compactMap { $0["operation"] as? String }
        #expect(names.contains("attention") && names.contains("mlp.c_proj") && names.last == "head, a row a sequence")
        #expect(abs(parts.compactMap { $0["share"] as? Double }.reduce(0, +) - 1) < 1e-6)
    }

    @Test(
        "what cannot be measured is one clear line",
        arguments: [
            ["bench", "kernels", "--types", "int3"], ["bench", "kernels", "--rows", "0"],
            ["bench", "kernels", "--products", "c_fc"], ["bench", "model", "--prompt", "9999"],
            ["bench", "model", "--batch", "-1"], ["bench", "model", "--breakdown", "all"],
            ["bench", "limits", "--threads", "many"],
            ["bench", "limits", "--repeat", "0"],
        ])
    func refused(arguments: [String]) async throws {
        let finished = try await run(arguments)
        #expect(finished.status == 2)
        #expect(finished.output.isEmpty)
        let named = arguments[2].dropFirst(2)
        #expect(finished.errors.contains(named) || finished.errors.contains("positions"), "\(finished.errors)")
    }
}
