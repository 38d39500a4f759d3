import Client
import Foundation
import Messages
import Synchronization
import Testing
import Transport

@Suite("Long texts of one client", .serialized)
struct LongTextsTests {
    private static let texts = 60
    private static let text = [UInt8](String(repeating: "the quick brown fox, 1234; ", count: 77_000).utf8)

    @Test("while they are tokenized, another's text is written and status is answered")
    func sixtyTexts() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            let endpoint = try Endpoint(cluster.clientEndpoint)
            let (greedy, modest) = (ClientSession(endpoint), ClientSession(endpoint))
            let answered = AnsweredTexts()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<Self.texts {
                    group.addTask {
                        let tokenized = try await greedy.tokenize(Prompt(content: .text(Self.text)))
                        #expect(tokenized.tokens.count > Self.text.count / 8)
                        answered.add()
                    }
                }
                let request = Generate(
                    requestID: 0, prompt: Prompt(content: .text(Array("The king".utf8))), maximumTokens: 60,
                    ignoreEndOfText: true)
                var tokens = 0
                for try await case .piece(let piece) in modest.generate(request) { tokens += piece.tokens.count }
                _ = try await modest.status()
                #expect(tokens == 60)
                // One after the other on the socket's thread, they would all have come first.
                #expect(answered.count < Self.texts)
                try await group.waitForAll()
            }
            await greedy.close()
            await modest.close()
        }
    }

    @Test("a request that is larger than any message fails before it is sent")
    func tooLarge() async throws {
        try await TestCluster.with(workers: 1, started: 0) { cluster in
            let session = ClientSession(try Endpoint(cluster.clientEndpoint))
            await #expect {
                _ = try await session.tokenize(Prompt(content: .text([UInt8](repeating: 97, count: 17 << 20))))
            } throws: { "\($0)".contains("bytes, and at most 16777216 are taken") }
            await session.close()
        }
    }
}

private final class AnsweredTexts: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() { value.withLock { $0 += 1 } }
}
