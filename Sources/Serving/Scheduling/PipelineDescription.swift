/// One stage of a pipeline, as the scheduler and the planner know it.
public struct StageDescription: Sendable, Equatable {
    /// Stages with the same number share a machine's memory and cores.
    public var host: Int
    /// What a batch costs this stage, alone on its machine.
    public var costs: RowCosts
    /// The link to this stage from the stage before it, or to the first stage from the coordinator.
    public var link: LinkDescription

    public init(host: Int, costs: RowCosts, link: LinkDescription = .init()) {
        self.host = host
        self.costs = costs
        self.link = link
    }
}

/// What it costs to send a batch from one process to the next.
public struct LinkDescription: Sendable, Equatable {
    /// Time until the first byte arrives.
    public var latencyMilliseconds: Double
    /// What a row of a batch adds.
    public var millisecondsPerRow: Double

    public init(latencyMilliseconds: Double = 0, millisecondsPerRow: Double = 0) {
        self.latencyMilliseconds = latencyMilliseconds
        self.millisecondsPerRow = millisecondsPerRow
    }

    public func milliseconds(rows: Int) -> Double { latencyMilliseconds + millisecondsPerRow * Double(rows) }
}

/// What the scheduler and the planner know of a pipeline: its blocks, and what batches cost its stages and links.
public struct PipelineDescription: Sendable, Equatable {
    /// KV cache blocks that every stage has.
    public var blocks: Int
    /// In order.
    public var stages: [StageDescription]
    /// The link from the last stage back to the coordinator.
    public var resultLink: LinkDescription

    public init(blocks: Int, stages: [StageDescription], resultLink: LinkDescription = .init()) {
        self.blocks = blocks
        self.stages = stages
        self.resultLink = resultLink
    }
}

extension PipelineDescription {
    /// The time of a batch from the coordinator through all stages and back, with nothing else in flight.
    public func passMilliseconds(rows: Int) -> Double {
        stages.reduce(resultLink.latencyMilliseconds) {
            $0 + $1.link.milliseconds(rows: rows) + $1.costs.milliseconds(rows: rows)
        }
    }

    /// The time that one batch takes the busiest machine or link: stages on one machine take turns.
    public func slowestMilliseconds(rows: Int) -> Double {
        var hosts: [Int: Double] = [:]
        for stage in stages { hosts[stage.host, default: 0] += stage.costs.milliseconds(rows: rows) }
        let links = stages.map { $0.link.millisecondsPerRow * Double(rows) }
        return max(hosts.values.max() ?? 0, links.max() ?? 0)
    }

    /// The time from one token of a stream to its next, with so many batches in flight of so many rows each: as long as a
    /// batch takes through all stages, and no less than all batches take the busiest machine.
    public func cycleMilliseconds(rows: Int, batches: Int) -> Double {
        max(Double(batches) * slowestMilliseconds(rows: rows), passMilliseconds(rows: rows))
    }

    /// Machines that share the work.
    public var hostCount: Int { Set(stages.map(\.host)).count }
}
