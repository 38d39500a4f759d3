import Foundation
import Testing

/// The same prompt, seed, weights and types give the same tokens and log-probabilities, bit for bit, on any number of
/// workers and beside any other requests.
@Suite("The same bits on any number of workers", .serialized)
struct SameBitsTests {
    /// Requests whose answers are compared: greedy and sampled, one and several sequences, every parameter.
    static let requests: [[String]] = [
        ["Once upon a time", "--temperature", "0", "--seed", "0"],
        ["The king", "--temperature", "0.8", "--top-k", "40", "--top-p", "0.95", "--seed", "7"],
        ["Little Red Riding Hood", "--seed", "11", "-n", "3", "--min-p", "0.02"],
        [
            "A fox", "--seed", "3", "--repetition-penalty", "1.2", "--presence-penalty", "0.3", "--frequency-penalty",
            "0.2",
        ],
        ["It was winter, and", "--seed", "1", "--temperature", "1.3", "--stop", " the", "--stop", "."],
        ["'Who are you?'", "--seed", "2", "--logit-bias", "11:-100", "--stop-token", "13"],
        [String(repeating: "The wolf and the seven little kids. ", count: 30), "--temperature", "0", "--seed", "0"],
        ["", "--seed", "9", "--ignore-end-of-text"],
    ]

    static func generate(_ request: [String]) -> [String] {
        ["generate"] + request + ["--max-tokens", "40", "--json", "--logprobs", "2"]
    }

    /// Answers in the order of their index, for the order in which sequences end is open.
    static func answers(_ finished: Finished) -> [String] {
        finished.output.split(separator: "\n").map(String.init).sorted()
    }

    /// What one process without a cluster answers.
    static func reference() async throws -> [[String]] {
        var references: [[String]] = []
        for request in requests {
            let finished = try await run(generate(request) + ["--local", "--threads", "1"])
            try #require(finished.status == 0, "\(finished.errors)")
            references.append(answers(finished))
        }
        return references
    }

    @Test("1, 2, 3, 5 and 8 workers answer as one process does, one request at a time and eight at once")
    func anyNumberOfWorkers() async throws {
        let references = try await Self.reference()
        #expect(references.allSatisfy { !$0.isEmpty })
        for workers in [1, 2, 3, 5, 8] {
            try await TestCluster.with(workers: workers) { cluster in
                for (request, reference) in zip(Self.requests, references) {
                    let alone = try await run(Self.generate(request) + ["--coordinator", cluster.clientEndpoint])
                    #expect(Self.answers(alone) == reference, "\(workers) workers, alone: \(request)")
                }
                let together = try Self.requests.map {
                    try RunningProcess(Self.generate($0) + ["--coordinator", cluster.clientEndpoint])
                }
                for (index, process) in together.enumerated() {
                    let answers = Self.answers(await process.finish())
                    #expect(answers == references[index], "\(workers) workers, together: \(Self.requests[index])")
                }
            }
        }
    }

    @Test("scores of a text longer than the context are the same in a cluster, in any thread count, and alone")
    func scores() async throws {
        let text = try String(contentsOfFile: demoModel + "/heldout.txt", encoding: .utf8)
        let input = Array(text.utf8.prefix(9_000))
        let score = ["score", "--file", "-", "--json", "--alternatives", "2", "--stride", "200", "--bos"]
        let reference = try await run(score + ["--local", "--threads", "1"], input: input)
        try #require(reference.status == 0, "\(reference.errors)")
        let twoThreads = try await run(score + ["--local", "--threads", "2"], input: input)
        #expect(twoThreads.output == reference.output)
        try await TestCluster.with(workers: 3) { cluster in
            let clustered = try await run(score + ["--coordinator", cluster.clientEndpoint], input: input)
            #expect(clustered.output == reference.output)
        }
        let object = try #require(try reference.jsonLines().first)
        let tokens = try #require(object["tokens"] as? [Int])
        let logprobs = try #require(object["logprobs"] as? [Double])
        #expect(tokens.count == logprobs.count && tokens.count > 1_024)
        let perplexity = try #require(object["perplexity"] as? Double)
        #expect(abs(log(perplexity) + logprobs.reduce(0, +) / Double(logprobs.count)) < 1e-6)
    }
}
