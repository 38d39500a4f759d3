import Foundation
import Testing

@Suite("Benchmarks")
struct BenchTests {
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

    @Test(
        "the parts of a batch are those of the computation", arguments: [["prefill"], ["decode", "--batch", "2"]])
    func breakdown(of batch: [String]) async throws {
        let finished = try await run(
            ["bench", "model", "--quick", "--json", "--prompt", "16", "--breakdown"] + batch)
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
