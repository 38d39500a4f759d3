/// Milliseconds that something takes for a batch, by the batch's rows: known for some numbers of rows, on straight lines
/// in between, and beyond the last on the line through the last two.
public struct RowCosts: Sendable, Equatable {
    public struct Point: Sendable, Equatable {
        public var rows: Int
        public var milliseconds: Double

        public init(rows: Int, milliseconds: Double) {
            self.rows = rows
            self.milliseconds = milliseconds
        }
    }

    /// What takes longer, in milliseconds, makes no sense.
    private static let longest = 1e9

    /// By ascending rows.
    public let points: [Point]

    /// Points with rows or milliseconds that make no sense are left out; of several for the same rows the first counts.
    public init(_ points: [Point]) {
        var known: [Point] = []
        for point in points.sorted(by: { $0.rows < $1.rows })
        where point.rows > 0 && (0...Self.longest).contains(point.milliseconds) && point.rows != known.last?.rows {
            known.append(point)
        }
        self.points = known
    }

    /// As much for every row.
    public init(perRow: Double) {
        self.init([Point(rows: 1, milliseconds: perRow), Point(rows: 2, milliseconds: 2 * perRow)])
    }

    public func milliseconds(rows: Int) -> Double {
        guard rows > 0, let first = points.first else { return 0 }
        guard points.count > 1, rows > first.rows else { return first.milliseconds }
        let upper = points.firstIndex { $0.rows >= rows } ?? points.count - 1
        let (left, right) = (points[upper - 1], points[upper])
        let slope = max(0, right.milliseconds - left.milliseconds) / Double(right.rows - left.rows)
        return left.milliseconds + slope * Double(rows - left.rows)
    }

    /// The same, times a factor.
    public func scaled(by factor: Double) -> RowCosts {
        RowCosts(points.map { Point(rows: $0.rows, milliseconds: $0.milliseconds * factor) })
    }

    /// Both, one after the other.
    public func adding(_ other: RowCosts) -> RowCosts {
        let rows = Set(points.map(\.rows) + other.points.map(\.rows)).sorted()
        return RowCosts(
            rows.map { Point(rows: $0, milliseconds: milliseconds(rows: $0) + other.milliseconds(rows: $0)) })
    }
}

/// One stage as the scheduler knows it.
public struct StageDescription: Sendable, Equatable {
    /// Stages with the same number share a machine's memory and cores.
    public var host: Int
    /// What a batch costs this stage, alone on its machine.
    public var costs: RowCosts
    /// What the way to this stage costs, from the stage before it or, to the first, from the coordinator.
    public var link: LinkDescription

    public init(host: Int, costs: RowCosts, link: LinkDescription = .init()) {
        self.host = host
        self.costs = costs
        self.link = link
    }
}

/// The way from one process to the next.
public struct LinkDescription: Sendable, Equatable {
    /// Until the first byte is there.
    public var latencyMilliseconds: Double
    /// What a row of a batch adds.
    public var millisecondsPerRow: Double

    public init(latencyMilliseconds: Double = 0, millisecondsPerRow: Double = 0) {
        self.latencyMilliseconds = latencyMilliseconds
        self.millisecondsPerRow = millisecondsPerRow
    }

    public func milliseconds(rows: Int) -> Double { latencyMilliseconds + millisecondsPerRow * Double(rows) }
}

/// A pipeline as the scheduler knows it.
public struct PipelineDescription: Sendable, Equatable {
    /// KV cache blocks that every stage has.
    public var blocks: Int
    /// In order.
    public var stages: [StageDescription]
    /// The way of results back to the coordinator.
    public var resultLink: LinkDescription

    public init(blocks: Int, stages: [StageDescription], resultLink: LinkDescription = .init()) {
        self.blocks = blocks
        self.stages = stages
        self.resultLink = resultLink
    }
}

extension PipelineDescription {
    /// A batch's time from the coordinator through all stages and back, with nothing else under way.
    public func passMilliseconds(rows: Int) -> Double {
        stages.reduce(resultLink.latencyMilliseconds) {
            $0 + $1.link.milliseconds(rows: rows) + $1.costs.milliseconds(rows: rows)
        }
    }

    /// The busiest machine's time for one batch: stages on one machine take turns.
    public func slowestMilliseconds(rows: Int) -> Double {
        var hosts: [Int: Double] = [:]
        for stage in stages { hosts[stage.host, default: 0] += stage.costs.milliseconds(rows: rows) }
        let links = stages.map { $0.link.millisecondsPerRow * Double(rows) }
        return max(hosts.values.max() ?? 0, links.max() ?? 0)
    }

    /// From one token of a stream to its next, with so many batches under way of so many rows each: as long as a batch takes
    /// through all stages, and no less than the busiest machine takes for all batches.
    public func cycleMilliseconds(rows: Int, batches: Int) -> Double {
        max(Double(batches) * slowestMilliseconds(rows: rows), passMilliseconds(rows: rows))
    }

    /// Machines that share the work.
    public var hostCount: Int { Set(stages.map(\.host)).count }
}
