import Messages
import Testing

@Suite("A whole cluster in memory and in virtual time")
struct VirtualClusterTests {
    private func request(seed: UInt64?) -> ClientRequest {
        .generate(
            Generate(
                requestID: 2, prompt: Prompt(content: .text(Array("The king".utf8))), maximumTokens: 24,
                parameters: RequestedSampling(seed: seed), ignoreEndOfText: true))
    }

    @Test("one, two and three stages give the same text")
    func sameText() throws {
        var texts: [[Int32]] = []
        for pins in [[nil], [0...3, 4...7], [0...2, 3...4, 5...7]] as [[ClosedRange<Int>?]] {
            let cluster = try VirtualCluster(pins, seed: 1)
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
            let cluster = try VirtualCluster([0...3, 4...7], seed: seed)
            try cluster.start()
            cluster.send(request(seed: nil))
            return (try cluster.replies(until: \.isDone), cluster.elapsed)
        }
        let (first, second, other) = (try run(seed: 5), try run(seed: 5), try run(seed: 6))
        #expect(first.0 == second.0 && first.1 == second.1)
        #expect(first.0 != other.0)
    }

    @Test(
        "a worker that hangs in the middle of a text is given up within seconds; asked again, the other gives that text"
    )
    func hangingWorker() throws {
        let whole = try VirtualCluster([nil], seed: 1)
        try whole.start()
        whole.send(request(seed: 7))
        let expected = try whole.replies(until: \.isDone).flatMap(\.tokens)

        var failures = 0
        for worker in 0..<2 {
            let cluster = try VirtualCluster([nil, nil], wanted: 1, seed: 1)
            try cluster.start()
            cluster.send(request(seed: 7))
            cluster.advance(turns: 6)
            let before = cluster.takeReplies()
            #expect((1..<24).contains(before.flatMap(\.tokens).count))
            cluster.hang(worker: worker)
            let time = cluster.elapsed
            var replies = before + (try cluster.replies { $0.isDone || $0.isFailure })
            if replies.contains(where: \.isFailure) {
                failures += 1
                #expect((.seconds(1) ... .seconds(10)).contains(cluster.elapsed - time))
                try cluster.start()
                cluster.send(request(seed: 7))
                replies = try cluster.replies(until: \.isDone)
            }
            #expect(replies.flatMap(\.tokens) == expected)
        }
        // A worker that has no part in the text may hang unnoticed.
        #expect(failures > 0)
    }
}
