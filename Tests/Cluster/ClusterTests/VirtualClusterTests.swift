import Messages
import Testing

@Suite("A whole cluster in memory and in virtual time")
struct VirtualClusterTests {
    private func request(seed: UInt64?, credit: UInt32 = 64) -> ClientRequest {
        .generate(
            Generate(
                requestID: 2, prompt: Prompt(content: .text(Array("The king".utf8))), maximumTokens: 24,
                parameters: SamplingSettings(seed: seed), ignoreEndOfText: true, credit: credit))
    }

    @Test("one, two and three workers give the same text")
    func sameText() throws {
        var texts: [[Int32]] = []
        for workers in 1...3 {
            let cluster = try VirtualCluster(workers: workers, seed: 1)
            try cluster.start()
            cluster.send(request(seed: 7))
            texts.append(try cluster.replies(until: \.isDone).flatMap(\.tokens))
        }
        #expect(texts[0].count == 24)
        #expect(texts[1] == texts[0] && texts[2] == texts[0])
    }

    @Test("what a cluster answers follows from the seed of its random numbers, to the word and the moment")
    func repeatable() throws {
        func run(seed: UInt64) throws -> ([ClientReply], Duration) {
            let cluster = try VirtualCluster(workers: 2, seed: seed)
            try cluster.start()
            cluster.send(request(seed: nil))
            return (try cluster.replies(until: \.isDone), cluster.elapsed)
        }
        let (first, second, other) = (try run(seed: 5), try run(seed: 5), try run(seed: 6))
        #expect(first.0 == second.0 && first.1 == second.1)
        #expect(first.0 != other.0)
    }

    @Test("a worker that hangs in the middle of a text costs seconds, and not a token")
    func hangingWorker() throws {
        let whole = try VirtualCluster(workers: 2, seed: 1)
        try whole.start()
        whole.send(request(seed: 7))
        let expected = try whole.replies(until: \.isDone).flatMap(\.tokens)

        let cluster = try VirtualCluster(workers: 2, seed: 1)
        try cluster.start()
        cluster.send(request(seed: 7, credit: 4))
        let before = try cluster.replies { !$0.tokens.isEmpty }
        #expect(before.allSatisfy { !$0.isDone })
        cluster.hangLastWorker()
        cluster.send(.credit(requestID: 2, pieces: 64))
        let time = cluster.elapsed
        let after = try cluster.replies(until: \.isDone)
        #expect((before + after).flatMap(\.tokens) == expected)
        #expect(cluster.elapsed - time > .seconds(1))
    }
}
