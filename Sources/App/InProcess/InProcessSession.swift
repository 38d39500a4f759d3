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
package final class InProcessSession: TextService {
    /// Sequences of full length that run side by side, where nothing else is asked for.
    private static let sequences = 8

    private let table: RequestTable
    private let queue: RequestQueue

    /// Starts the thread that computes; the weights are loaded there.
    /// - Parameters:
    ///   - blocks: of the KV cache; nil: for 8 sequences of full length. One such sequence fits always.
    ///   - loading: told how many of how many tensors are loaded; from any thread.
    /// - Throws: what opening a model throws.
    package init(
        model: LocalModel, types: ModelTypes, threads: Int, blocks: Int? = nil,
        loading: @escaping @Sendable (Int, Int) -> Void
    ) throws {
        let served = try ServedModel(model, types: types, progress: loading)
        let perSequence = BlockPool.blocks(for: served.context)
        let blocks = max(blocks ?? Self.sequences * perSequence, perSequence)
        let queue = RequestQueue()
        let table = RequestTable { queue.put($0) }
        (self.queue, self.table) = (queue, table)
        let thread = Thread {
            do {
                let executor = try Self.executor(
                    model, types, blocks: blocks, least: perSequence, threads: threads, loading)
                try executor.leaveOut(served.unusedIDs)
                // No more replies come than pieces were granted.
                EngineLoop(served: served, executor: executor, wantedBlocks: blocks) { _ = table.deliver($0) }
                    .run(queue)
                table.finish(nil)
            } catch {
                table.finish(error)
            }
        }
        thread.name = "compute"
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit { queue.end() }

    package func generate(_ request: Generate) -> ReplyStream<GenerationEvent> { table.generate(request) }

    package func score(_ request: Score) -> ReplyStream<ScoreEvent> { table.score(request) }

    package func tokenize(_ prompt: Prompt) async throws -> Tokenized { try await table.tokenize(prompt) }

    package func detokenize(_ tokens: [Int32]) async throws -> [UInt8] { try await table.detokenize(tokens) }

    package func close() async { queue.end() }

    private static func executor(
        _ model: LocalModel, _ types: ModelTypes, blocks: Int, least: Int, threads: Int,
        _ loading: @escaping (Int, Int) -> Void
    ) throws -> StageExecutor {
        let backend = try Backend(threadCount: threads)
        let stage = try withFittingBlocks(blocks, least: least) { blocks in
            try PipelineStage(
                configuration: model.configuration, files: model.weights, layers: 0..<model.configuration.layerCount,
                blockCount: blocks, weights: types.weights, cache: types.cache, backend: backend, progress: loading)
        }
        return StageExecutor(stage: stage)
    }
}
