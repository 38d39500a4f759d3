import ArgumentParser
import Bench
import Console
import Foundation
import GPT2
import Kernels
import ModelFiles
import Sessions
import Supervisor
import Transport

/// `paceline bench cluster`
struct BenchClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Measures a cluster on this machine beside one process, or under the load of many clients.",
        discussion: """
            Starts a coordinator and workers, and ends them again. Requests have prompts of random tokens, ask for a \
            fixed number of tokens, and are the same for the same --seed.

            Streams: so many requests at once go through one process and then through the cluster, in turn, with new \
            prompts each time, and the medians of the paired ratios are given. Tok/s count from the moment when all \
            streams have their first token until the first stream ends: the sum of the rates at which each stream's \
            tokens came. Prompts come one after another, and the first streams write meanwhile: answers get so \
            much longer, as a first run shows, up to 8 times. "With prompts" is all tokens written ÷ the whole time. With one stream, "added/hop" is what a \
            token takes longer in the cluster ÷ (workers + 1), the ways of a batch from process to process. Where the \
            two sides do not write the same tokens, it fails.

            --load: --clients clients, each with a connection of its own, send one request after another for --seconds. \
            The ideal for a first token is (prompt tokens of the requests that had been sent and had no first token \
            when this one was sent, whole, + its own) ÷ prefill rate + one step. The prefill rate is the median of \
            three requests with the longest prompt that run alone first; the step is the median time between two tokens \
            of a stream under the load, for a batch is under way when a request comes. Tok/s count what came within \
            --seconds. It fails where a request fails.

            Example:
              paceline bench cluster --model models/gpt2-xl-int8 --workers 2,4
              paceline bench cluster --model models/gpt2-xl-int8 --load
              paceline bench cluster --coordinator tcp://10.0.0.1:5571 --streams 8
            """)

    @OptionGroup var modelOptions: ModelOptions

    @OptionGroup var typeOptions: TypeOptions

    @OptionGroup var cacheMemory: CacheMemoryOption

    @Option(
        name: .long,
        help: .init("Numbers of workers, for example 2,4; one with --load. (default: 2)", valueName: "counts"))
    var workers: NumberList?

    @Option(
        name: .long,
        help: .init("Threads of each worker. (default: the cores this process may use)", valueName: "count"))
    var threads: Int?

    @Option(name: .long, help: .init("Threads of the one process. (default: as --threads)", valueName: "count"))
    var localThreads: Int?

    @Option(name: .long, help: .init("Numbers of requests at once. (default: 1,8,32)", valueName: "counts"))
    var streams: NumberList?

    @Option(
        name: .long, help: .init("Tokens of a prompt; with --load a range. (default: 100, 5-900)", valueName: "length"))
    var prompt: LengthRange?

    @Option(
        name: .long, help: .init("Tokens of an answer; with --load a range. (default: 48, 8-64)", valueName: "length"))
    var decode: LengthRange?

    @Option(
        name: .customLong("repeat"),
        help: .init("Runs of each number of streams, of which the median counts. (default: 3)", valueName: "count"))
    var repetitions: Int?

    @Flag(name: .long, help: "Many clients with requests of mixed lengths, instead.")
    var load = false

    @Option(name: .long, help: .init("With --load: clients at once. (default: 64)", valueName: "count"))
    var clients: Int?

    @Option(
        name: .long,
        help: .init("With --load: how long clients go on sending requests. (default: 300)", valueName: "count"))
    var seconds: Int?

    @Option(name: .long, help: .init("Seed of all requests.", valueName: "seed"))
    var seed: UInt64 = 1

    @Option(
        name: .long,
        help: .init(
            "Use the cluster whose coordinator takes clients here, and start none.", valueName: "tcp://host:port"))
    var coordinator: Endpoint?

    @Flag(name: .long, help: "One JSON object.")
    var json = false

    func validate() throws {
        try validateCombination()
        for threads in [threads, localThreads].compactMap({ $0 }) { try validateThreads(threads) }
        if let workers = workers?.values.first(where: { $0 > 256 }) {
            throw ValidationError("--workers \(workers): at most 256")
        }
        if let streams = streams?.values.first(where: { $0 > 256 }) {
            throw ValidationError(
                "--streams \(streams): at most 256, which is what a coordinator takes from one client")
        }
        guard (1...1_000).contains(repetitions ?? 1) else {
            throw ValidationError("--repeat must be between 1 and 1000")
        }
        guard (1...1_000).contains(clients ?? 1) else { throw ValidationError("--clients must be between 1 and 1000") }
        guard (1...86_400).contains(seconds ?? 1) else {
            throw ValidationError("--seconds must be between 1 and 86400")
        }
    }

    private func validateCombination() throws {
        if load {
            if streams != nil || repetitions != nil || localThreads != nil {
                throw ValidationError("--streams, --repeat and --local-threads do not go with --load")
            }
            if (workers?.values.count ?? 1) > 1 { throw ValidationError("--load takes one number of --workers") }
        } else {
            if clients != nil || seconds != nil { throw ValidationError("--clients and --seconds go with --load") }
            for (name, range) in [("--prompt", prompt?.values), ("--decode", decode?.values)] {
                guard let range, range.count > 1 else { continue }
                throw ValidationError("\(name) \(range.lowerBound)-\(range.upperBound): a range goes with --load")
            }
        }
        if decode?.values.upperBound == 1 { throw ValidationError("--decode must reach 2: a rate needs two tokens") }
        let ofOwnCluster = [modelOptions.model != nil, workers != nil, threads != nil, localThreads != nil]
        let passedOn = modelOptions.arguments + typeOptions.arguments + cacheMemory.arguments
        if coordinator != nil && (ofOwnCluster.contains(true) || !passedOn.isEmpty) {
            throw ValidationError(
                "--coordinator names a cluster that has its model and workers already: leave out --model, --tokenizer, "
                    + "--activation, --type, --kv, --kv-memory, --workers, --threads and --local-threads")
        }
        try cacheMemory.check(workers: workers?.values.max() ?? 2)
    }

    func run() async throws {
        let bench = try bench()
        let work = Task { try await bench.run() }
        let interrupts = InterruptWatch { work.cancel() }
        defer { interrupts.end() }
        let report: ClusterBenchReport
        do {
            report = try await work.value
        } catch  where work.isCancelled {
            throw ExitCode(ExitStatus.failed)
        }
        if json {
            try JSONLine.write(report)
        } else {
            for line in report.lines { try StandardOutput.writeLine(line) }
        }
        if let load = report.load, load.errors > 0 {
            throw RequestError(
                "\(load.errors) of \(load.requests) requests failed; the first: \(load.firstError ?? "unknown")")
        }
    }

    private func bench() throws -> ClusterBench {
        ClusterBench(
            source: try coordinator.map { .running($0) } ?? .own(ownCluster()),
            work: load
                ? .load(clients: clients ?? 64, seconds: seconds ?? 300)
                : .streams(streams?.values ?? [1, 8, 32], repetitions: repetitions ?? 3),
            requests: .init(
                prompt: prompt?.values ?? (load ? 5...900 : 100...100),
                decode: decode?.values ?? (load ? 8...64 : 48...48), seed: seed)
        ) { ProgressBar($0) }
    }

    private func ownCluster() throws -> ClusterBench.OwnCluster {
        try Processor.requireSupported()
        let model = try modelOptions.open()
        let workers = workers?.values ?? [2]
        let threads = threads ?? ProcessorCount.available()
        var configuration = LocalCluster.Configuration(
            model: try modelOptions.path(), workers: workers[0], threads: threads)
        configuration.coordinatorOptions = modelOptions.arguments + typeOptions.arguments
        configuration.workerOptions = modelOptions.arguments + cacheMemory.arguments
        return ClusterBench.OwnCluster(
            model: model, types: try typeOptions.types(of: model), configuration: configuration, workers: workers,
            localThreads: localThreads ?? threads)
    }
}
