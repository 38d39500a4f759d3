import Foundation
import Kernels
import Testing

/// One executable for every processor: the kernels that suit it best, or those that PACELINE_ISA names.
@Suite("Instruction sets", .serialized)
struct InstructionSetTests {
    private static let emulator = URL(fileURLWithPath: "/usr/bin/qemu-x86_64")
    private static let request = [
        "generate", "--local", "Once upon a time", "--seed", "7", "--json", "--logprobs", "2", "--threads", "1",
    ]

    @Test("a generation has the same tokens and log-probabilities with every one of them")
    func generation() async throws {
        let request = Self.request + ["--max-tokens", "60"]
        let reference = try await run(request)
        try #require(reference.status == 0, "\(reference.errors)")
        for instructionSet in InstructionSet.supported {
            let found = try await run(request, environment: ["PACELINE_ISA": instructionSet.rawValue])
            #expect(found.output == reference.output, "\(instructionSet): \(found.errors)")
        }
    }

    @Test("workers with different ones answer as one process does, and the status names them")
    func mixedCluster() async throws {
        let names = InstructionSet.supported.map(\.rawValue)
        try await TestCluster.with(workers: names.count, started: 0) { cluster in
            for name in names { try cluster.addWorker(environment: ["PACELINE_ISA": name]) }
            try await cluster.waitUntilReady()
            let workers = try #require(try await cluster.status()["workers"] as? [[String: Any]])
            #expect(workers.compactMap { $0["instruction_set"] as? String }.sorted() == names.sorted())
            let request = ["generate", "The king", "--seed", "3", "--max-tokens", "30", "--json", "--logprobs", "2"]
            let reference = try await run(request + ["--local"])
            #expect(try await run(request + ["--coordinator", cluster.clientEndpoint]).output == reference.output)
        }
    }

    @Test("a name that is none is an error of one line", arguments: ["generate", "worker", "up"])
    func unknownName(command: String) async throws {
        let arguments = command == "generate" ? Self.request : [command]
        let finished = try await run(arguments, environment: ["PACELINE_ISA": "sse9"])
        #expect(finished.status == 2 && finished.output.isEmpty)
        #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
        #expect(finished.errors.contains("PACELINE_ISA is \"sse9\": it can be portable, avx2, avx512"))
    }

    @Test(
        "older processors, emulated, give the same tokens",
        .enabled(
            if: InstructionSet.supported.contains(.avx2), "emulation is compared with a newer processor of its kind"),
        arguments: [("Haswell", "avx512"), ("Nehalem", "avx2")])
    func emulated(processor: String, beyond: String) async throws {
        let reference = try await run(Self.request + ["--max-tokens", "3"])
        let found = try await emulate(processor, Self.request + ["--max-tokens", "3"])
        #expect(found.status == 0 && found.output == reference.output, "\(found.errors)")
        // It is the emulated processor that was asked what it can.
        let refused = try await emulate(processor, Self.request, environment: ["PACELINE_ISA": beyond])
        #expect(refused.status == 2 && refused.output.isEmpty)
        #expect(refused.errors.contains("PACELINE_ISA is \(beyond), and this processor lacks "), "\(refused.errors)")
    }

    private func emulate(
        _ processor: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> Finished {
        try #require(
            FileManager.default.fileExists(atPath: Self.emulator.path),
            "run scripts/install-dependencies.sh --tests first, as scripts/test.sh does")
        return try await RunningProcess(
            ["-cpu", processor, paceline.path] + arguments, program: Self.emulator, environment: environment
        ).finish()
    }
}
