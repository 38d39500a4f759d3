/// How much the scheduler takes on.
public struct SchedulerLimits: Sendable, Equatable {
    /// The most rows of a batch: chunks of prompts and single tokens together.
    public var batchRows: Int
    /// The most sequences of one client that wait for blocks. Those of all clients may be eight times as many.
    public var waitingSequences: Int
    /// The most sequences that run side by side in one pipeline.
    public var runningSequences: Int
    /// Milliseconds that a batch should take on the slowest machine, and the most that a prompt may add to the time between
    /// two tokens of a stream.
    public var stepMilliseconds: Double
    /// The most batches in flight in one pipeline.
    public var batchesInFlight: Int

    public init(
        batchRows: Int = 512, waitingSequences: Int = 1_024, runningSequences: Int = 256,
        stepMilliseconds: Double = 250, batchesInFlight: Int = 48
    ) {
        self.batchRows = batchRows
        self.waitingSequences = waitingSequences
        self.runningSequences = runningSequences
        self.stepMilliseconds = stepMilliseconds
        self.batchesInFlight = batchesInFlight
    }

    /// The most sequences of all clients together that wait for blocks.
    var waitingSequencesOfAll: Int { 8 * waitingSequences }
}
