/// What has passed through a stage since its plan began.
struct StageTraffic {
    var statistics = WorkerStatistics()
    /// Number of the last message from the stage before.
    var received: UInt64 = 0
    /// Number of the last message to the next stage.
    var sent: UInt64 = 0
    var sentBytes: UInt64 = 0
    /// Batches that wait.
    var queued = 0
}
