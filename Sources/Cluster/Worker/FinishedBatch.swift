import Messages
import Wire

/// What comes of a batch on a stage and is sent on, and how long it took.
struct FinishedBatch {
    let body: DataMessage
    let tensors: [[UInt8]]
    let timing: StageTiming

    /// Activations for the next stage.
    init(_ batch: Batch, activations shape: ActivationShape, _ bytes: [UInt8], timing: StageTiming) {
        var timing = timing
        timing.sentBytes = UInt64(bytes.count)
        var next = batch
        next.activations = shape
        next.timings = Self.timings(of: batch, and: timing)
        body = .batch(next)
        tensors = [bytes]
        self.timing = timing
    }

    /// What the last stage made.
    init(_ batch: Batch, result: BatchResult, timing: StageTiming) {
        var result = result
        result.timings = Self.timings(of: batch, and: timing)
        body = .batchResult(result)
        tensors = []
        self.timing = timing
    }

    /// What is passed on in place of a batch that was cancelled or failed, so that order holds.
    /// - Parameter error: why it failed; nil where it was cancelled.
    init(empty batch: Batch, isLast: Bool, error: String?, timing: StageTiming) {
        let timings = Self.timings(of: batch, and: timing)
        if isLast {
            var result = BatchResult(batchID: batch.batchID, cancelled: error == nil, error: error)
            result.timings = timings
            body = .batchResult(result)
        } else {
            var next = Batch(batchID: batch.batchID, cancelled: true, error: error)
            next.timings = timings
            body = .batch(next)
        }
        tensors = []
        self.timing = timing
    }

    /// This stage's timing behind those of the stages before.
    private static func timings(of batch: Batch, and timing: StageTiming) -> [StageTiming] {
        Array((batch.timings + [timing]).prefix(WireLimits.timings))
    }
}
