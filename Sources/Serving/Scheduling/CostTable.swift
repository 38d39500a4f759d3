/// The cost table of a stage: milliseconds by the rows of a batch, from what was measured at its start and what batches
/// have taken since.
package struct CostTable: Sendable {
    /// How milliseconds grow with rows if nothing else is known: a product of few rows waits for memory, one of many rows
    /// for arithmetic.
    private static let typical = RowCosts([
        .init(rows: 1, milliseconds: 1), .init(rows: 8, milliseconds: 1.2), .init(rows: 16, milliseconds: 1.8),
        .init(rows: 64, milliseconds: 6), .init(rows: 512, milliseconds: 48),
    ])
    /// Weight of a new value in the moving mean.
    private static let novelty = 0.2
    /// A value counts as no more than so many times the expected one: a machine that was stopped for a while is not slow.
    private static let mostOfExpected = 4.0
    private static let buckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

    private let base: RowCosts
    /// Measured over expected milliseconds, for all numbers of rows; nil while nothing is known.
    private var ratio: Double?
    private var measured = [Double?](repeating: nil, count: buckets.count)
    /// Milliseconds by rows; nil while nothing is known.
    package private(set) var costs: RowCosts?

    /// - Parameter base: as measured before; without points, nothing is known.
    package init(_ base: RowCosts) {
        self.base = base.points.isEmpty ? Self.typical : base
        ratio = base.points.isEmpty ? nil : 1
        update()
    }

    /// A batch of so many rows took so long.
    package mutating func note(rows: Int, milliseconds: Double) {
        guard rows > 0, milliseconds.isFinite, milliseconds > 0 else { return }
        var quotient = milliseconds / max(base.milliseconds(rows: rows), .leastNormalMagnitude)
        if let ratio { quotient = min(quotient, Self.mostOfExpected * ratio) }
        ratio = ratio.map { $0 + (quotient - $0) * Self.novelty } ?? quotient
        let bucket = Self.buckets.lastIndex { $0 <= rows } ?? 0
        let milliseconds = quotient * base.milliseconds(rows: Self.buckets[bucket])
        measured[bucket] = measured[bucket].map { $0 + (milliseconds - $0) * Self.novelty } ?? milliseconds
        update()
    }

    /// More rows never take less time. If measurements say otherwise, those of more rows count more than those of fewer, and
    /// both more than what is only expected.
    private mutating func update() {
        guard let ratio else { return }
        var values = Self.buckets.map { ratio * base.milliseconds(rows: $0) }
        var most = Double.infinity
        for bucket in values.indices.reversed() {
            if let known = measured[bucket] {
                most = min(most, known)
                values[bucket] = most
            } else {
                values[bucket] = min(values[bucket], most)
            }
        }
        for bucket in values.indices.dropFirst() { values[bucket] = max(values[bucket], values[bucket - 1]) }
        costs = RowCosts(zip(Self.buckets, values).map { .init(rows: $0, milliseconds: $1) })
    }
}
