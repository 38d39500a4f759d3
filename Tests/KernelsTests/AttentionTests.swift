import Foundation
import Kernels
import SeededRandom
import Testing

@Suite("Attention")
struct AttentionTests {
    /// Sequences side by side, with the projection that holds their queries, keys and values.
    private struct Case {
        var headCount: Int
        var headWidth: Int
        var projection: Matrix
        var batch: [CachedRows]

        var width: Int { headCount * headWidth }

        init(headCount: Int, headWidth: Int, lengths: [Int], seed: UInt64) {
            (self.headCount, self.headWidth) = (headCount, headWidth)
            var random = SplitMix64(seed: seed)
            let rows = lengths.reduce(0, +)
            let columns = 3 * headCount * headWidth
            projection = Matrix(random.floats(rows * columns, limit: 2), rows: rows, columns: columns)
            batch = []
            var (row, block) = (0, Int32(0))
            for length in lengths {
                let blocks = Int32((length + 15) / 16)
                batch.append(
                    CachedRows(rows: row..<row + length, start: 0, blockTable: Array(block..<block + blocks)))
                (row, block) = (row + length, block + blocks)
            }
        }

        func attend(threads: Int = 2) throws -> Matrix {
            let cache = try KeyValueCache(layerCount: 2, blockCount: 40, headCount: headCount, headWidth: headWidth)
            let output = Matrix(rows: projection.rows, columns: width)
            cache.store(projection, layer: 1, batch)
            try ThreadTeam(threadCount: threads).attend(projection, layer: 1, batch, cache, into: output)
            return output
        }

        func query(_ row: Int, _ head: Int) -> [Float] { part(row, head, 0) }
        func key(_ row: Int, _ head: Int) -> [Float] { part(row, head, 1) }
        func value(_ row: Int, _ head: Int) -> [Float] { part(row, head, 2) }

        private func part(_ row: Int, _ head: Int, _ which: Int) -> [Float] {
            let first = which * width + head * headWidth
            return Array(projection.row(row)[first..<first + headWidth])
        }
    }

    @Test(
        "stays close to softmax attention in double precision",
        arguments: [(1, 1), (1, 80), (2, 15), (3, 16), (2, 17), (5, 64), (1, 65), (2, 129)])
    func againstDouble(headCount: Int, headWidth: Int) throws {
        let item = Case(headCount: headCount, headWidth: headWidth, lengths: [1, 17, 37], seed: UInt64(headWidth))
        let output = try item.attend()
        let scale = 1 / Double(headWidth).squareRoot()
        for sequence in item.batch {
            for row in sequence.rows {
                for head in 0..<headCount {
                    let rows = sequence.rows.lowerBound...row
                    let query = item.query(row, head)
                    var scoreError = 0.0
                    let scores = rows.map { other in
                        let terms = zip(query, item.key(other, head)).map { Double($0) * Double($1) * scale }
                        let size = terms.reduce(0) { $0 + abs($1) }
                        scoreError = max(scoreError, Double(headWidth / 16 + 7) * unitRoundoff * size)
                        return terms.reduce(0, +)
                    }
                    let weights = scores.map { exp($0 - scores.max()!) }
                    let total = weights.reduce(0, +)
                    let bound = 2 * (4 * scoreError + Double(rows.count + 8) * unitRoundoff) * 2
                    for column in 0..<headWidth {
                        let sum = zip(weights, rows).reduce(0) { $0 + $1.0 * Double(item.value($1.1, head)[column]) }
                        let found = Double(output.row(row)[head * headWidth + column])
                        #expect(abs(found - sum / total) <= bound)
                    }
                }
            }
        }
    }

    @Test("a single position gives back its value")
    func singlePosition() throws {
        let item = Case(headCount: 3, headWidth: 20, lengths: [1], seed: 8)
        let expected = (0..<3).flatMap { item.value(0, $0) }
        #expect(try item.attend().row(0) == expected)
    }

    @Test("a sequence has the same bits alone and beside others, for any number of threads")
    func batchAndThreads() throws {
        let item = Case(headCount: 4, headWidth: 24, lengths: [70, 1, 33], seed: 6)
        let expected = try item.attend(threads: 1)
        for threads in 2...5 { #expect(try item.attend(threads: threads).bits == expected.bits) }
        for sequence in item.batch {
            var alone = item
            alone.batch = [sequence]
            let output = try alone.attend()
            for row in sequence.rows { #expect(output.row(row) == expected.row(row)) }
        }
    }

    @Test("what lies in a block beyond the position does not matter, NaN reaches only those who see it")
    func masking() throws {
        let item = Case(headCount: 1, headWidth: 8, lengths: [30], seed: 12)
        let clean = try item.attend()
        item.projection.withMutableValues { $0[20 * 24 + 8] = .nan }
        let output = try item.attend()
        for row in 0..<30 {
            #expect(row < 20 ? output.row(row) == clean.row(row) : output.row(row).allSatisfy { $0.isNaN })
        }
    }

    @Test("an impossible cache is refused")
    func impossibleCache() {
        #expect(throws: KernelsError.outOfMemory(byteCount: nil, purpose: "the KV cache")) {
            _ = try KeyValueCache(layerCount: 1 << 20, blockCount: 1 << 31, headCount: 1 << 16, headWidth: 1 << 16)
        }
    }
}
