import Client
import Foundation
import InProcess
import Messages
import Observe
import Scheduling
import Sessions

/// Streams through a cluster and, in turn, through one process: the same requests, whose answers must be the same.
struct StreamBench {
    /// Answers become longer, so many times at most, for some streams are ahead when the last begins.
    static let longestFactor = 8

    /// Tokens of prompts and answers.
    struct Lengths {
        let prompt: Int
        let decode: Int
        /// What answers may become.
        let longestDecode: Int
    }

    let cluster: ClientSession
    private let lengths: Lengths
    private let repetitions: Int
    private let local: InProcessSession?
    private let processes: [Int32]
    private var requests: RandomRequests

    /// - Parameters:
    ///   - local: the whole model in this process; nil: the cluster is measured alone.
    ///   - processes: ids of the cluster's, to see that they rest while the other side runs.
    init(
        lengths: Lengths, repetitions: Int, seed: UInt64, local: InProcessSession?, cluster: ClientSession,
        processes: [Int32]
    ) {
        (self.lengths, self.repetitions) = (lengths, repetitions)
        (self.local, self.cluster, self.processes) = (local, cluster, processes)
        requests = RandomRequests(seed: seed)
    }

    /// Blocks of the KV cache with which so many streams run at once; the last sampled token is never run.
    static func blocks(streams: Int, prompt: Int, decode: Int) -> Int {
        streams * BlockPool.blocks(for: prompt + decode - 1)
    }

    /// - Parameter progress: told how many repetitions are done.
    /// - Throws: ``BenchError`` where the answers differ, `RequestError` where a request fails.
    mutating func measure(
        workers: Int, streams: Int, progress: (Int) -> Void
    ) async throws -> StreamComparison {
        let decode = min(lengths.decode + (try await lead(streams)), lengths.longestDecode)
        var pairs: [StreamComparison.Pair] = []
        for _ in 0..<repetitions {
            pairs.append(try await pair(streams, decode: decode))
            progress(pairs.count)
        }
        return StreamComparison(workers: workers, streams: streams, decode: decode, pairs: pairs)
    }

    /// Tokens by which some stream is ahead when the last has its first. The run for it also touches memory that was not
    /// used yet.
    private mutating func lead(_ streams: Int) async throws -> Int {
        let messages = (0..<streams).map { _ in requests.next(prompt: lengths.prompt, decode: lengths.longestDecode) }
        var lead = 0
        for service in [local as (any TextService)?, cluster].compactMap({ $0 }) {
            let run = StreamRun(endsWhenAllBegan: true)
            lead = max(lead, StreamRates(try await run.run(messages, on: service)).lead)
        }
        return lead
    }

    /// Prompts are others in every pair, or a cache of prefixes would have them.
    private mutating func pair(_ streams: Int, decode: Int) async throws -> StreamComparison.Pair {
        let messages = (0..<streams).map { _ in requests.next(prompt: lengths.prompt, decode: decode) }
        var expected: [MeasuredRequest]?
        var restingCluster = 0.0
        if let local {
            (expected, restingCluster) = try await run(messages, on: local, resting: processes)
        }
        let (answers, restingLocal) = try await run(messages, on: cluster, resting: [getpid()])
        if let expected { try compare(answers, with: expected) }
        return StreamComparison.Pair(
            local: expected.map(StreamRates.init), cluster: StreamRates(answers), restingCluster: restingCluster,
            restingLocal: restingLocal)
    }

    /// Also returns how many cores the processes that should rest kept busy meanwhile.
    private func run(
        _ messages: [Generate], on service: any TextService, resting: [Int32]
    ) async throws -> ([MeasuredRequest], Double) {
        func busy() -> Double { resting.reduce(0) { $0 + ProcessUsage(processID: $1).processorSeconds } }
        let clock = ContinuousClock()
        let (began, busyBefore) = (clock.now, busy())
        let answers = try await StreamRun(since: began).run(messages, on: service)
        return (answers, (busy() - busyBefore) / ((clock.now - began) / .seconds(1)))
    }

    private func compare(_ answers: [MeasuredRequest], with expected: [MeasuredRequest]) throws {
        for (number, pair) in zip(answers, expected).enumerated() {
            guard let place = pair.0.difference(from: pair.1) else { continue }
            throw BenchError.failed(
                "the cluster's answer is not that of one process: stream \(number + 1) of \(answers.count), token "
                    + "\(place + 1)")
        }
    }
}
