import Scheduling

/// A worker as the planner knows it.
public struct WorkerDescription: Sendable, Equatable {
    /// For people.
    public var name: String
    /// Equal for workers on one machine: they share its memory bandwidth and cores, and so take turns.
    public var host: Int
    /// Milliseconds of one layer, by the rows of a batch.
    public var layerCosts: RowCosts
    /// Milliseconds of the output head, by the rows of a batch.
    public var headCosts: RowCosts
    /// Memory for weights and KV cache; nil: enough for anything.
    public var memoryBytes: Int?
    /// The part of the memory that is meant for the KV cache; nil: half of what the weights leave.
    public var cacheBytes: Int?
    public var threads = 1
    /// The only layers it takes, where it is bound to some.
    public var pin: Range<Int>?
    /// The way to it from another machine.
    public var link: LinkDescription

    public init(
        name: String, host: Int, layerCosts: RowCosts, headCosts: RowCosts, memoryBytes: Int? = nil,
        pin: Range<Int>? = nil, link: LinkDescription = .init()
    ) {
        self.name = name
        self.host = host
        self.layerCosts = layerCosts
        self.headCosts = headCosts
        self.memoryBytes = memoryBytes
        self.pin = pin
        self.link = link
    }

    /// Milliseconds of a stage with this many layers, by the rows of a batch.
    func stageCosts(layers: Int, hasHead: Bool) -> RowCosts {
        let costs = layerCosts.scaled(by: Double(layers))
        return hasHead ? costs.adding(headCosts) : costs
    }

    /// Memory for the KV cache beside the weights of these layers, in bytes.
    func cacheBytes(beside layers: Range<Int>, of model: ModelDescription) -> Int {
        cacheBytes ?? memoryBytes.map { max(0, $0 - model.weightBytes(of: layers)) / 2 } ?? .max
    }
}

extension LinkDescription {
    /// The way between two processes on one machine.
    public static let loopback = LinkDescription(latencyMilliseconds: 0.15)

    /// A link of so many gigabits a second, over which `bytesPerRow` travel for each row.
    public init(latencyMilliseconds: Double, gigabitsPerSecond: Double, bytesPerRow: Int) {
        self.init(
            latencyMilliseconds: latencyMilliseconds,
            millisecondsPerRow: Double(bytesPerRow) * 8 / (gigabitsPerSecond * 1e6))
    }

    /// The way between two machines, each with half of its own: latencies are halves of the sum, and the slower link
    /// decides what a row takes.
    func joined(_ other: LinkDescription) -> LinkDescription {
        LinkDescription(
            latencyMilliseconds: (latencyMilliseconds + other.latencyMilliseconds) / 2,
            millisecondsPerRow: max(millisecondsPerRow, other.millisecondsPerRow))
    }
}

/// What a plan is made for.
public enum PlanObjective: String, Sendable, CaseIterable {
    /// Most tokens a second for all streams together: the slowest stage counts.
    case throughput
    /// Least time to the next token of a stream that is alone: the sum of all stages counts.
    case latency
}
