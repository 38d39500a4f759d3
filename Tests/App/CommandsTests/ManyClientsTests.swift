import Client
import Foundation
import Messages
import TestSupport
import Testing
import Transport

/// Real processes under the load of many clients, of which some go away.
@Suite("Many clients at once", .serialized)
struct ManyClientsTests {
    @Test("a hundred clients at once all get what each would get alone")
    func hundredClients() async throws {
        let vocabulary = try EmbeddedModel.served().vocabularySize
        var random = SplitMix64(seed: 100)
        let requests = (1...100).map { number in
            let prompt = (0..<random.int(1...90)).map { _ in Int32(random.int(0...vocabulary - 1)) }
            return Generate(
                requestID: UInt64(number), prompt: Prompt(content: .tokens(prompt)), maximumTokens: 12,
                parameters: RequestedSampling(seed: UInt64(number)), ignoreEndOfText: true, logprobs: true)
        }
        let alone = try RandomLoad(requests.map { ([1], .generate($0)) }).runAlone(on: EmbeddedModel.row(cutAt: []))
        try await TestCluster.with(workers: 2) { cluster in
            let endpoint = try Endpoint(cluster.clientEndpoint)
            try await withThrowingTaskGroup(of: (UInt64, [TokenResult]).self) { group in
                for request in requests {
                    group.addTask { (request.requestID, try await Self.answer(request, from: endpoint)) }
                }
                for try await (number, tokens) in group {
                    #expect(tokens == alone[number]?.tokens[0], "request \(number)")
                }
            }
            let status = try await cluster.status()
            #expect(status["finished_requests"] as? Int == 100)
            #expect((status["requests"] as? [Any])?.isEmpty == true)
        }
    }

    private static func answer(_ request: Generate, from endpoint: Endpoint) async throws -> [TokenResult] {
        let session = ClientSession(endpoint)
        var tokens: [TokenResult] = []
        for try await case .piece(let piece) in session.generate(request) { tokens += piece.logprobs }
        await session.close()
        return tokens
    }

    private func request(_ number: Int, tokens: Int) -> [String] {
        [
            "generate", "The king's \(number) sons went out into the world, and", "--max-tokens", "\(tokens)", "--seed",
            "\(number)", "--ignore-end-of-text",
        ]
    }

    @Test("with too few blocks the youngest give way and go on later, with the same words")
    func tinyCache() async throws {
        try await TestCluster.with(workers: 2, started: 0) { cluster in
            for _ in 0..<2 { try cluster.addWorker(["--kv-memory", "4M"]) }
            try await cluster.waitUntilReady()
            let running = try (1...6).map { number in
                try RunningProcess(request(number, tokens: 200) + ["--coordinator", cluster.clientEndpoint])
            }
            for (number, process) in running.enumerated() {
                let finished = await process.finish()
                let local = try await run(request(number + 1, tokens: 200) + ["--local", "--threads", "1"])
                #expect(finished.status == 0, "\(finished.errors)")
                #expect(finished.output == local.output)
            }
            let status = try await cluster.status()
            #expect(status["preemptions"] as? Int ?? 0 > 0, "\(status)")
            #expect(status["blocks"] as? Int ?? 0 < 70, "\(status)")
            #expect(status["free_blocks"] as? Int == status["blocks"] as? Int)
        }
    }

    @Test("clients that cancel, or vanish, free their blocks, and the others' texts stay the same")
    func cancelAndVanish() async throws {
        let local = try await run(request(1, tokens: 300) + ["--local", "--threads", "1"])
        try await TestCluster.with(workers: 2) { cluster in
            let staying = try RunningProcess(request(1, tokens: 300) + ["--coordinator", cluster.clientEndpoint])
            let cancelled = try RunningProcess(request(2, tokens: 400) + ["--coordinator", cluster.clientEndpoint])
            let vanished = try RunningProcess(request(3, tokens: 400) + ["--coordinator", cluster.clientEndpoint])
            _ = try await cancelled.firstOutput()
            cancelled.send(signal: SIGINT)
            _ = try await vanished.firstOutput()
            vanished.send(signal: SIGKILL)
            #expect(await cancelled.finish().status == 1)
            _ = await vanished.finish()
            let finished = await staying.finish()
            #expect(finished.status == 0 && finished.output == local.output, "\(finished.errors)")
            let status = try await waitUntil("the blocks to be free") {
                let status = try await cluster.status()
                return status["free_blocks"] as? Int == status["blocks"] as? Int ? status : nil
            }
            #expect((status["requests"] as? [Any])?.isEmpty == true)
        }
    }
}
