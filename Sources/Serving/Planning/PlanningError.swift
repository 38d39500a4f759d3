/// Why these workers cannot carry a model.
public enum PlanningError: Error, Sendable, Equatable, CustomStringConvertible {
    case noWorkers
    case outOfRange(pin: Range<Int>, layers: Int)
    case overlap(Range<Int>, Range<Int>)
    case uncovered(Range<Int>)
    case notEnoughMemory(needed: Int, available: Int)

    public var description: String {
        switch self {
        case .noWorkers: "there are no workers"
        case .outOfRange(let pin, let layers):
            "layers \(pin.layerText) are not in this model: it has layers 0-\(layers - 1)"
        case .overlap(let first, let second):
            "layers \(first.layerText) and \(second.layerText), asked for by two workers, overlap"
        case .uncovered(let gap):
            "no worker left for layers \(gap.layerText): all are bound to other layers with --layers"
        case .notEnoughMemory(let needed, let available):
            "the workers cannot hold the model, each with whole layers: weights and one sequence of KV cache take "
                + "\(needed.megabytes), and they have \(available.megabytes) in all"
        }
    }
}

extension Range where Bound == Int {
    /// "0-3", as `--layers` takes it.
    var layerText: String { "\(lowerBound)-\(upperBound - 1)" }
}

extension Int {
    /// Bytes for people, in MB.
    var megabytes: String { "\((self + 999_999) / 1_000_000) MB" }
}
