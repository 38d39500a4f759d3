/// Milliseconds that something takes for a batch, by the rows of the batch: known for some numbers of rows, interpolated
/// between them, and extrapolated from the last two beyond.
public struct RowCosts: Sendable, Equatable {
    public struct Point: Sendable, Equatable {
        public var rows: Int
        public var milliseconds: Double

        public init(rows: Int, milliseconds: Double) {
            self.rows = rows
            self.milliseconds = milliseconds
        }
    }

    /// More milliseconds than this make no sense.
    private static let longest = 1e9

    /// In ascending order of rows.
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

    /// The same for every row.
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

    /// All milliseconds times a factor.
    public func scaled(by factor: Double) -> RowCosts {
        RowCosts(points.map { Point(rows: $0.rows, milliseconds: $0.milliseconds * factor) })
    }

    /// The sum of both: one is done after the other.
    public func adding(_ other: RowCosts) -> RowCosts {
        let rows = Set(points.map(\.rows) + other.points.map(\.rows)).sorted()
        return RowCosts(
            rows.map { Point(rows: $0, milliseconds: milliseconds(rows: $0) + other.milliseconds(rows: $0)) })
    }
}
