import DequeModule
import Engine
import Foundation
import GPT2
import Messages
import ModelFiles
import Scheduling
import Sessions
import StageExecution

/// The whole model in this process: the coordinator's engine and one stage, without a wire between them. The reference
/// for tests and debugging.
package final class LocalChannel: RequestChannel {
    /// Sequences of full length that run side by side, where nothing else is asked for.
    private static let sequences = 8

    package let replies: AsyncThrowingStream<ClientReply, any Error>
    private let requests = LocalRequests()

    /// Starts the thread that computes; the weights are loaded there.
    /// - Parameter blocks: of the KV cache; nil: for 8 sequences of full length. One such sequence fits always.
    /// - Throws: what opening a model throws.
    package init(
        model: LocalModel, types: ModelTypes, threads: Int, blocks: Int? = nil,
        loading: @escaping @Sendable (Int, Int) -> Void
    ) throws {
        let served = try ServedModel(model, types: types, progress: loading)
        let perSequence = BlockPool.blocks(for: served.context)
        let blocks = max(blocks ?? Self.sequences * perSequence, perSequence)
        let (replies, continuation) = AsyncThrowingStream<ClientReply, any Error>.makeStream(
            bufferingPolicy: .bufferingOldest(4_096))
        self.replies = replies
        let requests = requests
        let thread = Thread {
            do {
                let executor = try Self.executor(model, types, blocks: blocks, threads: threads, loading)
                LocalLoop(served: served, executor: executor, blocks: blocks) { continuation.yield($0) }
                    .run(requests)
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        thread.name = "compute"
        thread.stackSize = 8 << 20
        thread.start()
    }

    package func send(_ body: ClientRequest) { requests.put(body) }

    package func close() async { requests.end() }

    private static func executor(
        _ model: LocalModel, _ types: ModelTypes, blocks: Int, threads: Int, _ loading: @escaping (Int, Int) -> Void
    ) throws -> StageExecutor {
        let stage = try PipelineStage(
            configuration: model.configuration, files: model.weights,
            layers: 0..<model.configuration.layerCount, blockCount: blocks,
            weights: types.weights, cache: types.cache, team: try ThreadTeam(threadCount: threads), progress: loading)
        return StageExecutor(stage: stage)
    }
}

/// Messages on their way to the local model's thread.
// @unchecked: everything mutable is touched only with `condition` locked.
private final class LocalRequests: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: Deque<ClientRequest> = []
    private var ended = false

    func put(_ body: ClientRequest) {
        condition.withLock { waiting.append(body) }
        // Not under the lock, which the thread needs as soon as it wakes.
        condition.signal()
    }

    func end() {
        condition.withLock {
            ended = true
            condition.signal()
        }
    }

    /// What has come; waits for something where `idle`. nil at the end.
    func take(idle: Bool) -> [ClientRequest]? {
        condition.withLock {
            while idle && waiting.isEmpty && !ended { condition.wait() }
            if ended { return nil }
            defer { waiting = [] }
            return Array(waiting)
        }
    }
}

/// Requests in, batches through the model, replies out, until the requests end.
private final class LocalLoop {
    private static let client: ClientID = [0]

    private var engine: RequestEngine
    private let executor: StageExecutor
    private let reply: (ClientReply) -> Void
    private let clock = ContinuousClock()
    private let started = ContinuousClock.now

    init(served: ServedModel, executor: StageExecutor, blocks: Int, reply: @escaping (ClientReply) -> Void) {
        engine = RequestEngine(model: served, newSeed: { .random(in: 0 ... .max) })
        engine.pipelinesReady([
            PipelineDescription(blocks: blocks, stages: [StageDescription(host: 0, costs: RowCosts([]))])
        ])
        self.executor = executor
        self.reply = reply
    }

    func run(_ requests: LocalRequests) {
        while let bodies = requests.take(idle: engine.isIdle || engine.isWaiting) {
            for body in bodies { carryOut(engine.handle(body, from: Self.client, now: milliseconds)) }
            guard let batch = engine.nextBatch() else { continue }
            let start = milliseconds
            var result = result(of: batch)
            let (began, ended) = (UInt64(start * 1_000), UInt64(milliseconds * 1_000))
            result.timings = [
                StageTiming(
                    stage: 0, receivedMicroseconds: began, startedMicroseconds: began, endedMicroseconds: ended)
            ]
            let answer =
                engine.complete(result, now: milliseconds)
                ?? engine.pipelinesLost("the model gave no answer to its batch")
            carryOut(answer)
        }
    }

    private var milliseconds: Double { (clock.now - started) / .milliseconds(1) }

    private func result(of batch: Batch) -> BatchResult {
        do throws(BatchError) {
            if case .result(let result) = try executor.run(batch, activations: nil) { return result }
            return BatchResult(batchID: batch.batchID, error: "the stage is not the last")
        } catch {
            return BatchResult(batchID: batch.batchID, error: "\(error)")
        }
    }

    private func carryOut(_ directives: [RequestAction]) {
        for case .send(let body, _) in directives { reply(body) }
    }
}
