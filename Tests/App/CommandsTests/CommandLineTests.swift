import Foundation
import Testing

/// What a person meets who types a command.
@Suite("The command line")
struct CommandLineTests {
    @Test(
        "every command has help with an example",
        arguments: [
            "up", "coordinator", "worker", "generate", "score", "tokenize", "detokenize", "status", "trace", "plan",
            "simulate", "model",
            "model synth", "model inspect", "model pack", "bench", "bench limits", "bench kernels", "bench model",
        ])
    func help(command: String) async throws {
        let finished = try await run(command.split(separator: " ").map(String.init) + ["--help"])
        #expect(finished.status == 0)
        #expect(finished.output.contains("Example:") && finished.output.contains("paceline \(command)"))
    }

    @Test(
        "wrong usage is exit code 2 and says what is wrong",
        arguments: [
            (["generate"], "a prompt is missing"), (["generate", "x", "--temperature", "-1"], "temperature"),
            (["generate", "x", "--top-p", "2"], "top"), (["generate", "x", "-n", "0"], "-n"),
            (["generate", "x", "--nonsense"], "nonsense"), (["score"], "--file"),
            (["generate", "x", "--model", demoModel], "--local"), (["worker", "--layers", "3-1"], "layers"),
            (["worker", "--kv-memory", "much"], "kv-memory"), (["up", "--optimize", "speed"], "optimize"),
            (["coordinator", "--streams", "0"], "--streams must be"),
            (["generate", "--local", "--model", "/nowhere", "x"], "/nowhere"),
            (["tokenize", "--file", "/nowhere"], "/nowhere"), (["trace"], "--output"),
            (["trace", "-o", "x", "--seconds", "0"], "--seconds"), (["status", "--interval", "2"], "--watch"),
            (["status", "--watch", "--interval", "0"], "--interval"),
            (["status", "--watch", "--wait", "1"], "--wait"),
            (["generate", "x", "--coordinator", "http://x"], "coordinator"),
        ])
    func usage(arguments: [String], part: String) async throws {
        let finished = try await run(arguments)
        #expect(finished.status == 2)
        #expect(finished.output.isEmpty)
        #expect(finished.errors.contains(part), "\(finished.errors)")
    }

    @Test("a prompt that is not UTF-8 is refused with the place of its first bad byte")
    func notUTF8() async throws {
        let finished = try await run(["generate", "-", "--local"], input: Array("caf".utf8) + [0xE9])
        #expect(finished.status == 2)
        #expect(finished.errors.contains("standard input: is not UTF-8 at byte 3"), "\(finished.errors)")
    }

    @Test("a prompt longer than the context is refused with both numbers")
    func tooLong() async throws {
        let finished = try await run(["generate", "--local", String(repeating: "hello ", count: 800)])
        #expect(finished.status == 2)
        #expect(finished.errors.contains("1602 tokens") && finished.errors.contains("512"), "\(finished.errors)")
    }

    @Test("generation that reaches the end of the context finishes with length")
    func endOfContext() async throws {
        let finished = try await run([
            "generate", "--local", "Once", "--max-tokens", "600", "--ignore-end-of-text", "--seed", "1", "--json",
        ])
        let answer = try #require(try finished.jsonLines().first)
        #expect(answer["finish_reason"] as? String == "length")
        let prompt = try #require(answer["prompt_tokens"] as? Int)
        #expect((answer["tokens"] as? [Int])?.count == 512 - prompt + 1)
        #expect(answer["context_full"] as? Bool == true && finished.errors.isEmpty)
    }

    @Test("a seed that was not given is reported, and gives the same text again")
    func seed() async throws {
        let first = try await run(["generate", "--local", "A king", "--max-tokens", "20", "--json"])
        let seed = try #require(try first.jsonLines().first?["seed"] as? NSNumber).uint64Value
        let second = try await run([
            "generate", "--local", "A king", "--max-tokens", "20", "--json", "--seed", "\(seed)",
        ])
        #expect(second.output == first.output)
    }

    @Test("the text is what the JSON says, and nothing else is on standard output")
    func plainAndJSON() async throws {
        let request = ["generate", "--local", "A king", "--max-tokens", "30", "--seed", "5"]
        let text = try #require(try await run(request + ["--json"]).jsonLines().first?["text"] as? String)
        #expect(try await run(request).output == (text.hasSuffix("\n") ? text : text + "\n"))
        let pieces = try await run(request + ["--json", "--stream"]).jsonLines()
        let streamed = pieces.dropLast().compactMap { $0["text"] as? String }.joined()
        #expect(pieces.count > 2 && streamed == text)
        let typed = try await run(request.filter { $0 != "A king" } + ["-"], input: Array("A king\n".utf8))
        #expect(typed.output == (text.hasSuffix("\n") ? text : text + "\n"))
    }

    @Test("--interactive takes a prompt a line")
    func interactive() async throws {
        let finished = try await run(
            ["generate", "--local", "--interactive", "--max-tokens", "5", "--temperature", "0"],
            input: Array("A king\nA fox\n\n".utf8))
        let alone = try await run(["generate", "--local", "A king", "--max-tokens", "5", "--temperature", "0"])
        #expect(finished.status == 0, "\(finished.errors)")
        #expect(!alone.output.isEmpty && finished.output.hasPrefix(alone.output))
        #expect(finished.output.utf8.count > alone.output.utf8.count)
    }

    @Test("tokenize and detokenize are each other's inverse, in every form")
    func tokenize() async throws {
        let text = "Hello, wörld! 日本"
        let ids = try await run(["tokenize", text]).output.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(ids.count > 3)
        #expect(try await run(["detokenize"] + ids).output == text + "\n")
        let json = try await run(["tokenize", "--file", "-", "--json"], input: Array(text.utf8)).output
        #expect(json == "[\(ids.joined(separator: ","))]\n")
        let quoted = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
        let lines = try await run(
            ["tokenize", "--file", "-", "--json-lines"], input: Array("\(quoted)\n\(quoted)\n".utf8)
        ).output
        #expect(lines == json + json)
        let unknown = try await run(["detokenize", "99999"])
        #expect(unknown.status != 0 && unknown.errors.contains("99999"))
    }
}
