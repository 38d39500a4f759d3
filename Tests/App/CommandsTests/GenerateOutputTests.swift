import Foundation
import Testing

/// What `generate` shows besides the text.
@Suite("What generate shows")
struct GenerateOutputTests {
    private static let request = ["generate", "--local", "A king", "--max-tokens", "8", "--seed", "5"]
    private static let statistics = #"^8 tokens, first after \d+\.\d\d s, \d+\.\d tok/s, seed 5\n$"#

    @Test("without a terminal the text alone; the prompt with --echo, a line of statistics with --stats")
    func plain() async throws {
        let alone = try await run(Self.request)
        #expect(alone.errors.isEmpty && !alone.output.hasPrefix("A king"))
        let echoed = try await run(Self.request + ["--echo", "--stats"])
        #expect(echoed.output == "A king" + alone.output)
        #expect(echoed.errors.range(of: Self.statistics, options: .regularExpression) != nil, "\(echoed.errors)")
        let json = try await run(Self.request + ["--echo", "--json"]).jsonLines().first
        #expect(json?["prompt"] as? String == "A king")
        #expect(json?["text"] as? String == String(alone.output.dropLast()))
    }

    @Test("several texts follow one another without headings, each with its prompt where that is asked for")
    func several() async throws {
        let request = Self.request + ["-n", "3"]
        let texts = try await run(request + ["--json"]).jsonLines()
            .sorted { ($0["index"] as? Int ?? 0) < ($1["index"] as? Int ?? 0) }.compactMap { $0["text"] as? String }
        try #require(texts.count == 3 && texts.allSatisfy { !$0.hasSuffix("\n") })
        #expect(try await run(request).output == texts.map { $0 + "\n" }.joined())
        #expect(try await run(request + ["--echo"]).output == texts.map { "A king" + $0 + "\n" }.joined())
    }

    @Test("a terminal shows the prompt dim, several texts with numbers, and then the statistics")
    func terminal() async throws {
        let one = try TerminalProcess(Self.request)
        try await one.wait(for: "seed 5")
        #expect(try await one.finish() == 0)
        #expect(one.text.hasPrefix("\u{1B}[2mA king\u{1B}[0m"), "\(one.text.debugDescription)")
        let without = try TerminalProcess(Self.request + ["--no-stats", "-n", "2"], environment: ["NO_COLOR": "1"])
        try await without.wait(for: "[2]\r\nA king")
        #expect(try await without.finish() == 0)
        #expect(without.text.hasPrefix("[1]\r\nA king") && !without.text.contains("seed"))
        let ids = try TerminalProcess(["generate", "--local", "--ids", "32 1480", "--max-tokens", "1"])
        let prompt = try await run(["detokenize", "32", "1480"]).output.dropLast()
        try await ids.wait(for: "\u{1B}[2m\(prompt)\u{1B}[0m")
    }

    @Test("a text that ends because the context is full says so, once for all of a prompt's")
    func contextFull() async throws {
        let call = ["generate", "--local", "A king", "--max-tokens", "1000", "--ignore-end-of-text", "-n", "2"]
        let finished = try await run(call)
        #expect(finished.status == 0)
        #expect(finished.errors == "paceline: the text ended because the model's context of 512 tokens is full\n")
        let fits = try await run(Self.request)
        #expect(fits.errors.isEmpty)
    }

    @Test("^C ends what is shown: nothing of the texts that wait for their turn")
    func interrupted() async throws {
        let running = try RunningProcess([
            "generate", "--local", "A king", "--max-tokens", "500", "-n", "64", "--ignore-end-of-text", "--threads",
            "1",
        ])
        _ = try await running.firstOutput()
        running.send(signal: SIGINT)
        let finished = await running.finish()
        #expect(finished.status == 1 && finished.errors.isEmpty, "\(finished.errors)")
        // One text has some 2,000 characters; all 64 were under way.
        #expect(finished.output.utf8.count < 10_000)
    }

    @Test("options that would do nothing are refused")
    func ignored() async throws {
        for (options, part) in [
            (["--coordinator", "tcp://127.0.0.1:1"], "--coordinator"), (["--priority", "low"], "--priority"),
            (["--stop", ""], "--stop must be a text of 1 to 1024 bytes"), (["--top-k=-1"], "--top-k"),
            (["--max-tokens", "1000000000"], "--max-tokens must be between 0 and 1000000"),
            (["--top-p", "3"], "--top-p is 3"), (["--repetition-penalty", "0"], "--repetition-penalty is 0"),
        ] {
            expectUsage(try await run(["generate", "x", "--local"] + options), part)
        }
        expectUsage(try await run(["score", "x", "--local", "--priority", "low"]), "--priority")
        expectUsage(try await run(["score", "x", "--local", "--stride", "100000"]), "stride")
    }
}
