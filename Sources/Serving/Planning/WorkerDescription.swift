import Scheduling

/// A worker as the planner knows it.
public struct WorkerDescription: Sendable, Equatable {
    /// For people.
    public var name: String
    /// Equal for workers on one machine, which share its memory bandwidth and cores and so take turns.
    public var host: Int
    /// Milliseconds of one layer, by the rows of a batch.
    public var layerCosts: RowCosts
    /// Milliseconds of the output head, by the rows of a batch.
    public var headCosts: RowCosts
    /// Bytes for weights and KV cache; nil if they do not matter.
    public var memoryBytes: Int?
    /// Bytes of these for the KV cache; nil for half of what the weights leave.
    public var cacheBytes: Int?
    public var threads = 1
    /// The only layers that it takes, if it is bound to some.
    public var pin: Range<Int>?
    /// The link to it from another machine.
    public var link: LinkDescription

    public init(
        name: String, host: Int, layerCosts: RowCosts, headCosts: RowCosts, memoryBytes: Int? = nil,
        link: LinkDescription = .init()
    ) {
        self.name = name
        self.host = host
        self.layerCosts = layerCosts
        self.headCosts = headCosts
        self.memoryBytes = memoryBytes
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
    /// The link between two processes on one machine.
    public static let loopback = LinkDescription(latencyMilliseconds: 0.15)

    /// A link of so many gigabits a second, over which `bytesPerRow` travel for each row.
    public init(latencyMilliseconds: Double, gigabitsPerSecond: Double, bytesPerRow: Int) {
        self.init(
            latencyMilliseconds: latencyMilliseconds,
            millisecondsPerRow: Double(bytesPerRow) * 8 / (gigabitsPerSecond * 1e6))
    }

    /// The link between two machines, of which each has a link of its own: the latency is the mean, and the slower link
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
