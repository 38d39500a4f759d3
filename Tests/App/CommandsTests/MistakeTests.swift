import Foundation
import Testing

/// What somebody types who does not know the commands yet.
@Suite("Mistakes of beginners")
struct MistakeTests {
    @Test(
        "a mistake is one line that says what to do",
        arguments: [
            (
                ["generate", "Once", "upon", "a", "time"],
                #"put the prompt in quotes: paceline generate "Once upon a time""#
            ),
            (["generate", "--seed", "3", "Once", "upon"], #"paceline generate "Once upon""#),
            (["help", "generat"], "did you mean paceline generate?"), (["worker", "--name", ""], "--name must be"),
            (["trace", "-o", "/tmp"], "-o /tmp: is a directory"),
            (["score", "a", "text"], #"put the text in quotes: paceline score "a text""#),
            (["model", "inspect", "a", "b"], "paceline model inspect takes one path; unexpected argument 'b'"),
            (["generate", "x", "--local", "--top-p", "2"], "--top-p is 2"),
            (["generate", "-text"], #"paceline generate -- "-text""#),
            (["generate", "x", "--top-k", "-1"], "--top-k=-1"),
            (["generate", "x", "--max-token", "3"], "did you mean --max-tokens?"),
            (["generate", "x", "--coordinator", "foo"], "--coordinator foo: expected tcp://HOST:PORT"),
            (["generate", "x", "--coordinator", "tcp://localhost:0"], "expected tcp://HOST:PORT, with a port from 1"),
            (["worker", "--coordinator", "tcp://localhost:0"], "--coordinator tcp://localhost:0: expected"),
            (["generat", "x"], "did you mean paceline generate?"),
            (["toknize", "x"], "did you mean paceline tokenize?"),
            (["run", "x"], "paceline generate or paceline up"), (["serve"], "paceline up"),
            (["chat"], "paceline generate"), (["inspect", "x"], "paceline model inspect"),
            (["bench", "kernel"], "did you mean paceline bench kernels?"),
            (["model", "convert"], "did you mean paceline model pack?"), (["xyzzy"], "unknown command xyzzy; see"),
            (["--model", "x", "up"], "--model goes behind the command: paceline up --model"),
            (["status", "now"], "paceline status takes options only"), (["trace"], "--output <file> is missing"),
            (["up", "--kv-memory", "1"], "--kv-memory 1: at least 1M"),
            (["up", "--kv-memory", "900T"], "this machine has"),
            (["worker", "--kv-memory", "900T"], "this machine has"),
            (["up", "--control-port", "70000"], "--control-port must be between 0 and 65535"),
            (["up", "--control-port", "5000", "--client-port", "5000"], "two different ports"),
            (["worker", "--port", "-1"], "--port=-1"), (["worker", "--port=-1"], "--port must be between 0 and 65535"),
            (["worker", "--layers", "0-99"], "--layers 0-99: the model has layers 0-7"),
            (["worker", "--verify"], "--verify: "), (["status", "--ready", "--watch"], "--ready"),
            (["status", "--wide", "--json"], "--wide"), (["model", "inspect", "--all", "--json"], "--all"),
            (["coordinator", "--bind", "0.0.0.0"], "--insecure"), (["coordinator", "--workers", "99"], "--workers 99"),
            (["up", "--workers", "99"], "--workers 99: the model has 8 layers"),
            (["bench", "cluster", "--coordinator", "tcp://localhost:1", "--kv-memory", "2G"], "--kv-memory"),
            (["bench", "limits", "--quick", "--repeat", "3"], "--repeat"),
            (["bench", "model", "--breakdown", "decode", "--decode", "3"], "--decode"),
            (["bench", "model", "--breakdown", "prefill", "--batch", "3"], "--batch"),
            (["--generate-completion-script", "tcsh"], "zsh bash fish"),
        ])
    func line(arguments: [String], part: String) async throws { expectUsage(try await run(arguments), part) }

    @Test("options of simulate that would do nothing are refused, and its limits are what they are")
    func simulate() async throws {
        let command = ["simulate", "--workers", workersFile("workers.example")]
        expectUsage(try await run(command + ["--gigabits", "2"]), "--gigabits goes with --machines")
        expectUsage(try await run(command + ["--latency", "2"]), "--latency goes with --machines")
        expectUsage(try await run(command + ["--decode", "0"]), "--decode must be between 1 and ")
    }

    @Test("the version is told in three ways", arguments: ["--version", "-V", "version"])
    func version(argument: String) async throws {
        let finished = try await run([argument])
        #expect(finished.status == 0 && finished.errors.isEmpty)
        #expect(finished.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(finished.output)")
    }

    @Test("a file that cannot be written is told with its option and the system's reason")
    func outputs() async throws {
        for (arguments, option) in [
            (["up", "--endpoints-file", "/nowhere/x"], "--endpoints-file"),
            (["coordinator", "--endpoints-file", "/nowhere/x"], "--endpoints-file"),
            (["trace", "-o", "/nowhere/x"], "-o"), (["trace", "-o", "/tmp/\(UUID())", "--svg", "/nowhere/x"], "--svg"),
        ] {
            expectUsage(try await run(arguments), "\(option) /nowhere/x: No such file or directory")
        }
    }
}
