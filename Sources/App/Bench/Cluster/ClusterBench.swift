import Client
import GPT2
import InProcess
import Messages
import ModelFiles
import Scheduling
import Supervisor
import Transport

/// A measurement of one or several clusters.
package struct ClusterBench: Sendable {
    /// Which cluster is measured.
    package enum Source: Sendable {
        case running(Endpoint)
        /// Started for it, once with each number of workers.
        case own(OwnCluster)
    }

    /// A cluster that is started with each of some numbers of workers.
    package struct OwnCluster: Sendable {
        package let model: LocalModel
        package let types: ModelTypes
        /// Of the cluster; its number of workers does not count.
        package let configuration: LocalCluster.Configuration
        package let workers: [Int]
        /// Of the one process beside it.
        package let localThreads: Int

        package init(
            model: LocalModel, types: ModelTypes, configuration: LocalCluster.Configuration, workers: [Int],
            localThreads: Int
        ) {
            (self.model, self.types, self.configuration) = (model, types, configuration)
            (self.workers, self.localThreads) = (workers, localThreads)
        }
    }

    /// What is measured.
    package enum Work: Sendable {
        case streams([Int], repetitions: Int)
        case load(clients: Int, seconds: Int)
    }

    private let source: Source
    private let work: Work
    private let requests: BenchRequests
    private let progress: ProgressStart

    package init(source: Source, work: Work, requests: BenchRequests, progress: @escaping ProgressStart) {
        (self.source, self.work, self.requests, self.progress) = (source, work, requests, progress)
    }

    /// - Throws: ``BenchError``, `RequestError` where a request fails, `ClientError`, what opening a model throws,
    ///   `CancellationError`.
    package func run() async throws -> ClusterBenchReport {
        switch source {
        case .running(let endpoint): try await measure(endpoint)
        case .own(let cluster): try await measure(cluster)
        }
    }

    private func measure(_ endpoint: Endpoint) async throws -> ClusterBenchReport {
        let status = try await ClientSession.status(of: endpoint)
        guard status.ready else { throw BenchError.failed("the cluster is not ready: \(status.state)") }
        var report = ClusterBenchReport(model: status.model, prompt: requests.prompt, decode: requests.decode)
        try await measure(endpoint, status, processes: [], local: nil, into: &report)
        return report
    }

    private func measure(_ cluster: OwnCluster) async throws -> ClusterBenchReport {
        try checkLengths(context: cluster.model.configuration.contextLength)
        let layers = cluster.model.configuration.layerCount
        if let workers = cluster.workers.first(where: { $0 > layers }) {
            throw BenchError.doesNotFit(
                "--workers \(workers): the model has \(layers) layers, and every worker needs at least one")
        }
        var report = ClusterBenchReport(
            model: cluster.configuration.model, prompt: requests.prompt, decode: requests.decode)
        report.threads = cluster.configuration.threads
        var local: InProcessSession?
        if case .streams(let counts, _) = work {
            report.localThreads = cluster.localThreads
            local = try await reference(cluster, streams: counts.max() ?? 1)
        }
        for workers in cluster.workers {
            var configuration = cluster.configuration
            configuration.workers = workers
            try await MeasuredCluster.with(configuration) { measured, status in
                try await measure(measured.clients, status, processes: measured.processes, local: local, into: &report)
            }
        }
        await local?.close()
        return report
    }

    /// One process: this one. A packed model's weights are mapped, and so in memory once for it and the workers.
    private func reference(_ cluster: OwnCluster, streams: Int) async throws -> InProcessSession {
        let longest = longestDecode(context: cluster.model.configuration.contextLength)
        let blocks = StreamBench.blocks(streams: streams, prompt: requests.prompt.upperBound, decode: longest)
        let bar = progress("loading")
        return try await runOnOwnThread("opening a model") {
            try InProcessSession(
                model: cluster.model, types: cluster.types, threads: cluster.localThreads, blocks: blocks
            ) { done, total in
                bar.update(done, of: total)
                if done == total { bar.finish() }
            }
        }
    }

    private func measure(
        _ endpoint: Endpoint, _ status: Status, processes: [(name: String, id: Int32)], local: InProcessSession?,
        into report: inout ClusterBenchReport
    ) async throws {
        try checkLengths(context: Int(status.context))
        let bar = progress("measuring")
        defer { bar.finish() }
        switch work {
        case .load(let clients, let seconds):
            let run = LoadRun(
                endpoint: endpoint, clients: clients, seconds: seconds, requests: requests)
            report.load = try await run.run(processes: processes) { bar.update($0, of: $1) }
        case .streams(let counts, let repetitions):
            try checkBlocks(status, streams: counts.max() ?? 1)
            let longest = min(
                longestDecode(context: Int(status.context)), longestDecode(status, streams: counts.max() ?? 1))
            var bench = StreamBench(
                lengths: .init(
                    prompt: requests.prompt.upperBound, decode: requests.decode.upperBound, longestDecode: longest),
                repetitions: repetitions, seed: requests.seed, local: local, cluster: ClientSession(endpoint),
                processes: processes.map(\.id))
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
        min(StreamBench.longestFactor * requests.decode.upperBound, context - requests.prompt.upperBound)
    }

    /// With which so many streams have cache blocks at once.
    private func longestDecode(_ status: Status, streams: Int) -> Int {
        Int(status.blocks) / streams * BlockPool.positionsPerBlock + 1 - requests.prompt.upperBound
    }

    private func checkLengths(context: Int) throws {
        let longest = requests.prompt.upperBound + requests.decode.upperBound
        guard longest <= context else {
            throw BenchError.doesNotFit("\(longest) positions of --prompt and --decode: the model has \(context)")
        }
    }

    private func checkBlocks(_ status: Status, streams: Int) throws {
        let needed = StreamBench.blocks(
            streams: streams, prompt: requests.prompt.upperBound, decode: requests.decode.upperBound)
        guard needed <= Int(status.blocks) else {
            throw BenchError.doesNotFit(
                "--streams \(streams): they need \(needed) KV cache blocks to run at once, and the cluster has "
                    + "\(status.blocks)")
        }
    }
}
