/// Why the scheduler does not take a sequence.
public enum AdmissionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It could not run even alone.
    case neverFits(blocks: Int, capacity: Int)
    case queueFull(limit: Int)
    case noPipeline

    public var description: String {
        switch self {
        case .neverFits(let blocks, let capacity):
            "needs \(blocks) KV cache blocks of \(BlockPool.positionsPerBlock) positions, and the cluster has \(capacity)"
        case .queueFull(let limit):
            "the queue is full: at most \(limit) sequences may wait"
        case .noPipeline:
            "no pipeline is ready"
        }
    }
}
