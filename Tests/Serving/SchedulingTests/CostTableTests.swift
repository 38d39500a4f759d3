import Scheduling
import Testing

@Suite("Cost table")
struct CostTableTests {
    private let base = RowCosts([
        .init(rows: 1, milliseconds: 10), .init(rows: 8, milliseconds: 12), .init(rows: 64, milliseconds: 60),
    ])

    @Test("at first as described; without a description nothing is known until a batch is back")
    func first() {
        #expect(CostTable(base).costs?.milliseconds(rows: 8) == 12)
        var unknown = CostTable(RowCosts([]))
        #expect(unknown.costs == nil)
        unknown.note(rows: 8, milliseconds: 24)
        #expect(unknown.costs?.milliseconds(rows: 8) == 24)
        #expect(unknown.costs?.milliseconds(rows: 1) == 20, "less for fewer rows")
    }

    @Test("what batches take is learned, also for numbers of rows that have not been run")
    func learns() {
        var costs = CostTable(base)
        for _ in 0..<50 { costs.note(rows: 8, milliseconds: 24) }
        let learned = costs.costs
        #expect(abs((learned?.milliseconds(rows: 8) ?? 0) - 24) < 0.1)
        #expect(abs((learned?.milliseconds(rows: 64) ?? 0) - 120) < 1)
    }

    @Test("a batch on a machine that was stopped for a while changes nothing that was measured of larger ones")
    func standstill() {
        var costs = CostTable(base)
        for _ in 0..<10 { costs.note(rows: 64, milliseconds: 60) }
        for _ in 0..<3 { costs.note(rows: 4, milliseconds: 20_000) }
        #expect(costs.costs?.milliseconds(rows: 64) == 60)
        #expect(costs.costs?.milliseconds(rows: 4) ?? 0 <= 60)
    }

    @Test("more rows never cost less, and what makes no sense is not believed")
    func sense() {
        var costs = CostTable(base)
        for milliseconds in [Double.nan, .infinity, 0, -1] { costs.note(rows: 8, milliseconds: milliseconds) }
        costs.note(rows: 0, milliseconds: 5)
        #expect(costs.costs?.milliseconds(rows: 8) == 12)
        for rows in [1, 512, 3, 40, 8, 100, 2] { costs.note(rows: rows, milliseconds: Double(513 - rows)) }
        let values = (1...600).map { costs.costs?.milliseconds(rows: $0) ?? 0 }
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
    }
}
