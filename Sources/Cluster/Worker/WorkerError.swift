import Transport

/// Why a worker ended.
public enum WorkerError: Error, Sendable, CustomStringConvertible {
    case refused(coordinator: Endpoint, reason: String)
    case unknownLayers(ClosedRange<Int>, layerCount: Int)
    case cannotLoad(String)

    public var description: String {
        switch self {
        case .refused(let coordinator, let reason): "the coordinator at \(coordinator) refused this worker: \(reason)"
        case .unknownLayers(let layers, let count):
            "layers \(layers.lowerBound)-\(layers.upperBound) are not in this model: it has layers 0-\(count - 1)"
        case .cannotLoad(let reason): reason
        }
    }
}
