import Messages
import Observe

/// A status with its rates, as JSON.
package struct WatchLine: Encodable {
    struct Stage: Encodable {
        let worker: String
        let pipeline: UInt32
        let stage: UInt32
        let busy: Double
        let waiting: Double?
        let queuedBatches: UInt32?
        let millisecondsPerBatch: Double?
        let tokensPerSecond: Double
        let sentBytesPerSecond: Double?
        let receivedBytesPerSecond: Double?
    }

    let status: StatusLine
    let tokensPerSecond: Double?
    let stages: [Stage]

    package init(_ status: Status, _ rates: StatusRates) {
        self.status = StatusLine(status)
        tokensPerSecond = rates.tokensPerSecond
        stages = status.workers.compactMap { worker in
            guard let stage = worker.stage, let rates = rates.stage(of: worker) else { return nil }
            return Stage(
                worker: worker.name, pipeline: worker.pipeline ?? 0, stage: stage, busy: rates.busy,
                waiting: rates.waiting, queuedBatches: worker.statistics?.queuedBatches,
                millisecondsPerBatch: rates.millisecondsPerBatch, tokensPerSecond: rates.tokensPerSecond,
                sentBytesPerSecond: rates.sentBytesPerSecond, receivedBytesPerSecond: rates.receivedBytesPerSecond)
        }
    }
}
