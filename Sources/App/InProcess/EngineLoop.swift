import Engine
import Messages
import Scheduling
import StageExecution

/// Requests in, batches through the model, replies out, until the requests end.
final class EngineLoop {
    private static let client: ClientID = [0]

    private var engine: RequestEngine
    private let executor: StageExecutor
    private let reply: (ClientReply) -> Void
    private let clock = ContinuousClock()
    private let started = ContinuousClock.now

    /// - Parameter wantedBlocks: of the KV cache; where memory did not suffice for them, clients are told.
    init(
        served: ServedModel, executor: StageExecutor, wantedBlocks: Int, reply: @escaping (ClientReply) -> Void
    ) {
        var served = served
        let blocks = executor.stage.blockCount
        if blocks < wantedBlocks {
            served.notices.append("there is memory for \(blocks) of \(wantedBlocks) KV cache blocks: no more are used")
        }
        engine = RequestEngine(model: served, newSeed: { .random(in: 0 ... .max) })
        engine.pipelinesReady([
            PipelineDescription(blocks: blocks, stages: [StageDescription(host: 0, costs: RowCosts([]))])
        ])
        self.executor = executor
        self.reply = reply
    }

    func run(_ requests: RequestQueue) {
        while let bodies = requests.take(idle: engine.isIdle || engine.isWaiting) {
            for body in bodies { perform(engine.handle(body, from: Self.client, now: milliseconds)) }
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
            perform(answer)
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

    private func perform(_ actions: [RequestAction]) {
        for case .send(let body, _) in engine.runningTexts(actions) { reply(body) }
    }
}
