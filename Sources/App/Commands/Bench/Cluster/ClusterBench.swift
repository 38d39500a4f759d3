import Client
import GPT2
import Messages
import Scheduling
import Transport

/// A measurement of one or several clusters.
struct ClusterBench: Sendable {
    /// Which cluster is measured.
    enum Source: Sendable {
        case running(Endpoint)
        /// Started for it, once with each number of workers.
        case own(OwnCluster)
    }

    struct OwnCluster: Sendable {
        let directory: String
        let model: LocalModel
        let types: ModelTypes
        /// The options that say so, for the coordinator.
        let typeArguments: [String]
        let workers: [Int]
        /// Options of each worker.
        let workerOptions: [String]
        let threads: Int
        let localThreads: Int
    }

    /// What is measured.
    enum Work: Sendable {
        case streams([Int], repetitions: Int)
        case load(clients: Int, seconds: Int)
    }

    let source: Source
    let work: Work
    let prompt: ClosedRange<Int>
    let decode: ClosedRange<Int>
    let seed: UInt64

    /// - Throws: ``UsageError`` where requests do not fit the model, ``RequestError`` where one fails, `ClientError`,
    ///   what opening a model throws, `CancellationError`.
    func run() async throws -> ClusterBenchReport {
        switch source {
        case .running(let endpoint): try await measure(endpoint)
        case .own(let cluster): try await measure(cluster)
        }
    }

    private func measure(_ endpoint: Endpoint) async throws -> ClusterBenchReport {
        let status = try await ClusterChannel.status(of: endpoint)
        guard status.ready else { throw RequestError("the cluster is not ready: \(status.state)") }
        var report = ClusterBenchReport(model: status.model, prompt: prompt, decode: decode)
        try await measure(endpoint, status, processes: [], local: nil, into: &report)
        return report
    }

    private func measure(_ cluster: OwnCluster) async throws -> ClusterBenchReport {
        try checkLengths(context: cluster.model.configuration.context)
        let layers = cluster.model.configuration.layerCount
        if let workers = cluster.workers.first(where: { $0 > layers }) {
            throw UsageError(
                "--workers \(workers): the model has \(layers) layers, and every worker needs at least one")
        }
        var report = ClusterBenchReport(model: cluster.directory, prompt: prompt, decode: decode)
        report.threads = cluster.threads
        var local: LocalChannel?
        if case .streams(let counts, _) = work {
            report.localThreads = cluster.localThreads
            local = try await reference(cluster, streams: counts.max() ?? 1)
        }
        for workers in cluster.workers {
            try await ClusterProcesses.with(
                model: cluster.directory, types: cluster.typeArguments, workers: workers,
                workerOptions: cluster.workerOptions, threads: cluster.threads
            ) { processes, status in
                try await measure(
                    processes.clients, status, processes: processes.processes, local: local, into: &report)
            }
        }
        await local?.close()
        return report
    }

    /// One process: this one. A packed model's weights are mapped, and so in memory once for it and the workers.
    private func reference(_ cluster: OwnCluster, streams: Int) async throws -> LocalChannel {
        let longest = longestDecode(context: cluster.model.configuration.context)
        let blocks = StreamBench.blocks(streams: streams, prompt: prompt.upperBound, decode: longest)
        let bar = ProgressBar("loading")
        return try await runOnOwnThread("opening a model") {
            try LocalChannel(
                model: cluster.model, types: cluster.types, threads: cluster.localThreads, blocks: blocks,
                loading: bar.follow)
        }
    }

    private func measure(
        _ endpoint: Endpoint, _ status: Status, processes: [(name: String, id: Int32)], local: LocalChannel?,
        into report: inout ClusterBenchReport
    ) async throws {
        try checkLengths(context: Int(status.context))
        let bar = ProgressBar("measuring")
        defer { bar.finish() }
        switch work {
        case .load(let clients, let seconds):
            let run = LoadRun(
                endpoint: endpoint, clients: clients, seconds: seconds, prompt: prompt, decode: decode, seed: seed)
            report.load = try await run.run(processes: processes) { bar.update($0, of: $1) }
        case .streams(let counts, let repetitions):
            try checkBlocks(status, streams: counts.max() ?? 1)
            let longest = min(
                longestDecode(context: Int(status.context)), longestDecode(status, streams: counts.max() ?? 1))
            var bench = StreamBench(
                prompt: prompt.upperBound, decode: decode.upperBound, longestDecode: longest, repetitions: repetitions,
                seed: seed,
                local: local, cluster: ClusterChannel(endpoint), processes: processes.map(\.id))
            let workers = status.workers.count { $0.stage != nil }
            for (number, streams) in counts.enumerated() {
                report.results.append(
                    try await bench.measure(workers: workers, streams: streams) {
                        bar.update(number * repetitions + $0, of: counts.count * repetitions)
                    })
            }
            await bench.cluster.close()
        }
    }

    private func longestDecode(context: Int) -> Int {
        min(StreamBench.longestFactor * decode.upperBound, context - prompt.upperBound)
    }

    /// With which so many streams have cache blocks at once.
    private func longestDecode(_ status: Status, streams: Int) -> Int {
        Int(status.blocks) / streams * BlockPool.positionsPerBlock + 1 - prompt.upperBound
    }

    private func checkLengths(context: Int) throws {
        let longest = prompt.upperBound + decode.upperBound
        guard longest <= context else {
            throw UsageError("\(longest) positions of --prompt and --decode: the model has \(context)")
        }
    }

    private func checkBlocks(_ status: Status, streams: Int) throws {
        let needed = StreamBench.blocks(streams: streams, prompt: prompt.upperBound, decode: decode.upperBound)
        guard needed <= Int(status.blocks) else {
            throw UsageError(
                "--streams \(streams): they need \(needed) KV cache blocks to run at once, and the cluster has "
                    + "\(status.blocks)")
        }
    }
}
