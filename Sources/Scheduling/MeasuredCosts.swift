/// What a stage's batches take, from what was measured at its start and what they have taken since.
struct MeasuredCosts: Sendable {
    /// How milliseconds grow with rows where nothing else is known: a product of few rows waits for memory, one of many
    /// for arithmetic.
    private static let typical = RowCosts([
        .init(rows: 1, milliseconds: 1), .init(rows: 8, milliseconds: 1.2), .init(rows: 16, milliseconds: 1.8),
        .init(rows: 64, milliseconds: 6), .init(rows: 512, milliseconds: 48),
    ])
    /// Part of a new value in the mean.
    private static let novelty = 0.2
    private static let buckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

    private let base: RowCosts
    /// Measured over expected, over all rows; nil while nothing is known.
    private var ratio: Double?
    private var measured = [Double?](repeating: nil, count: buckets.count)
    /// Milliseconds by rows; nil while nothing is known.
    private(set) var costs: RowCosts?

    init(_ base: RowCosts) {
        self.base = base.points.isEmpty ? Self.typical : base
        ratio = base.points.isEmpty ? nil : 1
        update()
    }

    /// A batch of so many rows took so long.
    mutating func note(rows: Int, milliseconds: Double) {
        guard rows > 0, milliseconds.isFinite, milliseconds > 0 else { return }
        let quotient = milliseconds / max(base.milliseconds(rows: rows), .leastNormalMagnitude)
        ratio = ratio.map { $0 + (quotient - $0) * Self.novelty } ?? quotient
        let bucket = Self.buckets.lastIndex { $0 <= rows } ?? 0
        let there = quotient * base.milliseconds(rows: Self.buckets[bucket])
        measured[bucket] = measured[bucket].map { $0 + (there - $0) * Self.novelty } ?? there
        update()
    }

    private mutating func update() {
        guard let ratio else { return }
        var least = 0.0
        costs = RowCosts(
            zip(Self.buckets, measured).map { rows, milliseconds in
                // More rows never take less: what says so is chance.
                least = max(least, milliseconds ?? ratio * base.milliseconds(rows: rows))
                return .init(rows: rows, milliseconds: least)
            })
    }
}
