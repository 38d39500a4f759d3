import Foundation
import Kernels
import TestSupport
import Testing

/// Sequences side by side, with the projection that holds their queries, keys and values.
struct AttentionCase {
    var headCount: Int
    var headWidth: Int
    var type: CacheType
    var projection: Matrix
    var batch: [CachedRows]

    var width: Int { headCount * headWidth }

    init(headCount: Int, headWidth: Int, lengths: [Int], type: CacheType = .f32, seed: UInt64) {
        (self.headCount, self.headWidth, self.type) = (headCount, headWidth, type)
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

    func cache() throws -> KeyValueCache {
        try KeyValueCache(layerCount: 2, blockCount: 40, headCount: headCount, headWidth: headWidth, type: type)
    }

    func attend(threads: Int = 2) throws -> Matrix {
        try attend(Backend(threadCount: threads), cache(), chunk: .max)
    }

    /// All positions, at most `chunk` of each sequence at a time.
    func attend(_ backend: Backend, _ cache: KeyValueCache, chunk: Int) throws -> Matrix {
        let output = Matrix(rows: projection.rows, columns: width)
        let longest = batch.map(\.rows.count).max() ?? 0
        for start in stride(from: 0, to: longest, by: min(chunk, longest)) {
            let part = batch.compactMap { whole -> CachedRows? in
                let first = whole.rows.lowerBound + start
                guard first < whole.rows.upperBound else { return nil }
                let end = first + min(chunk, whole.rows.upperBound - first)
                return CachedRows(rows: first..<end, start: start, blockTable: whole.blockTable)
            }
            backend.attend(projection, layer: 1, part, cache, into: output)
        }
        return output
    }

    func query(_ row: Int, _ head: Int) -> [Float] { part(row, head, 0) }
    func key(_ row: Int, _ head: Int) -> [Float] { part(row, head, 1).map(stored) }
    func value(_ row: Int, _ head: Int) -> [Float] { part(row, head, 2).map(stored) }

    private func stored(_ value: Float) -> Float { type == .f16 ? Float(Float16(value)) : value }

    private func part(_ row: Int, _ head: Int, _ which: Int) -> [Float] {
        let first = which * width + head * headWidth
        return Array(projection.row(row)[first..<first + headWidth])
    }
}

@Suite("Attention")
struct AttentionTests {
    private let seed = TestSeed.value

    @Test(
        "stays close to softmax attention in double precision",
        arguments: [1, 15, 16, 17, 63, 64, 65, 80, 129], CacheType.allCases)
    func againstDouble(headWidth: Int, type: CacheType) throws {
        let headCount = 1 + headWidth % 3
        let item = AttentionCase(
            headCount: headCount, headWidth: headWidth, lengths: [1, 17, 40], type: type, seed: seed)
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
                    // Scores and their maximum are off by scoreError each, in weights and in their sum: 4 times that,
                    // relatively. exp, the two sums and the quotient round. Values are at most 2, and twice the whole
                    // is for terms of higher order.
                    let bound = 2 * (4 * scoreError + Double(rows.count + 8) * unitRoundoff) * 2
                    for column in 0..<headWidth {
                        let sum = zip(weights, rows).reduce(0) { $0 + $1.0 * Double(item.value($1.1, head)[column]) }
                        let found = Double(output.row(row)[head * headWidth + column])
                        #expect(abs(found - sum / total) <= bound, "seed \(seed)")
                    }
                }
            }
        }
    }

    @Test("a scale of its own does what queries as much greater do", arguments: [1, 16, 20, 65], [1, 4] as [Float])
    func scale(headWidth: Int, factor: Float) throws {
        // Powers of two, which change no bit of a fraction.
        let item = AttentionCase(headCount: 2, headWidth: headWidth, lengths: [1, 17, 40], seed: seed)
        let backend = try Backend(threadCount: 2)
        let (scaled, expected) = (
            Matrix(rows: item.projection.rows, columns: item.width),
            Matrix(rows: item.projection.rows, columns: item.width)
        )
        let usual = attentionScale(headWidth: headWidth)
        #expect(usual == Float(1 / Double(headWidth).squareRoot()))
        #expect(headWidth != 16 || attentionScale(headWidth: 16, isRooted: false, divisor: 4) == usual)
        backend.attend(
            item.projection, layer: 0, item.batch, try item.cache(), scale: usual * factor, into: scaled)
        let greater = item.projection.allValues.enumerated().map { index, value in
            index % (3 * item.width) < item.width ? value * factor : value
        }
        backend.attend(
            Matrix(greater, rows: scaled.rows, columns: 3 * item.width), layer: 0, item.batch, try item.cache(),
            into: expected)
        #expect(scaled.allValues == expected.allValues, "seed \(seed)")
    }

    @Test("a single position gives back its value", arguments: CacheType.allCases)
    func singlePosition(type: CacheType) throws {
        let item = AttentionCase(headCount: 3, headWidth: 20, lengths: [1], type: type, seed: seed)
        let expected = (0..<3).flatMap { item.value(0, $0) }
        #expect(try item.attend().row(0) == expected)
    }

    @Test(
        "a sequence has the same bits alone and beside others, for any number of threads",
        arguments: CacheType.allCases)
    func batchAndThreads(type: CacheType) throws {
        let item = AttentionCase(headCount: 4, headWidth: 24, lengths: [70, 1, 33], type: type, seed: seed)
        let expected = try item.attend(threads: 1)
        for threads in 2...5 { #expect(try item.attend(threads: threads).bits == expected.bits, "seed \(seed)") }
        for sequence in item.batch {
            var alone = item
            alone.batch = [sequence]
            let output = try alone.attend()
            for row in sequence.rows { #expect(output.row(row) == expected.row(row), "seed \(seed)") }
        }
    }

    @Test("a sequence has the same bits however it is cut into batches", arguments: CacheType.allCases)
    func chunks(type: CacheType) throws {
        for headWidth in [3, 64, 65] {
            let item = AttentionCase(headCount: 2, headWidth: headWidth, lengths: [1, 70, 33], type: type, seed: seed)
            let expected = try item.attend().bits
            let backend = try Backend(threadCount: 2)
            for chunk in [1, 2, 3, 5, 7, 16, 17, 40] {
                let same = try item.attend(backend, item.cache(), chunk: chunk).bits == expected
                #expect(same, "\(headWidth) wide, \(chunk) at a time, seed \(seed)")
            }
        }
    }

    @Test(
        "a sequence has the same bits wherever its blocks lie, row by row too, and for any number of threads",
        arguments: CacheType.allCases)
    func blockOrder(type: CacheType) throws {
        var random = SplitMix64(seed: seed)
        for (headCount, headWidth) in [(1, 64), (9, 64), (9, 32), (5, 20)] {
            var item = AttentionCase(
                headCount: headCount, headWidth: headWidth, lengths: [70, 1, 33], type: type, seed: seed)
            let expected = try item.attend(threads: 1)
            for threads in [1, 2, 5] {
                let blocks = (0..<40).map(Int32.init).shuffled(using: &random)
                var next = 0
                for index in item.batch.indices {
                    let count = item.batch[index].blockTable.count
                    item.batch[index].blockTable = Array(blocks[next..<next + count])
                    next += count
                }
                for chunk in [1, 40] {
                    let output = try item.attend(Backend(threadCount: threads), item.cache(), chunk: chunk)
                    #expect(
                        output.allValues == expected.allValues,
                        "\(headCount) × \(headWidth), \(threads) threads, by \(chunk), seed \(seed)")
                }
            }
        }
    }

    @Test("what lies in a block beyond the position does not matter", arguments: CacheType.allCases)
    func garbage(type: CacheType) throws {
        for length in 1...40 {
            let headWidth = length % 2 == 0 ? 19 : 32
            let item = AttentionCase(headCount: 2, headWidth: headWidth, lengths: [length], type: type, seed: seed)
            let expected = try item.attend().bits
            let backend = try Backend(threadCount: 2)
            for value in [Float.nan, .infinity, -1e4] {
                let filling = Matrix(rows: 48, columns: 6 * headWidth)
                filling.withMutableValues { values in for i in values.indices { values[i] = value } }
                for chunk in [1, 21] {
                    let cache = try item.cache()
                    backend.store(
                        filling, layer: 1, [CachedRows(rows: 0..<48, start: 0, blockTable: [0, 1, 2])], cache)
                    let same = try item.attend(backend, cache, chunk: chunk).bits == expected
                    #expect(same, "\(length) positions by \(chunk) behind \(value), seed \(seed)")
                }
            }
        }
    }

    @Test(
        "NaN, and what is infinite once it is stored, reaches all that see it and no others", arguments: [0, 8, 16],
        [1, 30])
    func notFinite(column: Int, chunk: Int) throws {
        // A query, a key or a value; a key may make the score -infinity, which exp alone would hide.
        for value in [Float.nan, .infinity, -.infinity, 1e5, -1e5] {
            let item = AttentionCase(headCount: 1, headWidth: 8, lengths: [30], type: .f16, seed: seed)
            let clean = try item.attend()
            item.projection.withMutableValues { $0[20 * 24 + column] = value }
            let output = try item.attend(Backend(threadCount: 1), item.cache(), chunk: chunk)
            for row in 0..<30 where row < 20 || column == 0 && row > 20 {
                #expect(output.row(row) == clean.row(row), "seed \(seed)")
            }
            for row in column == 0 ? 20..<21 : 20..<30 where column > 0 || !value.isFinite {
                let isFinite = output.row(row).allSatisfy { $0.isFinite }
                #expect(!isFinite, "row \(row), \(value), seed \(seed)")
            }
        }
    }

    @Test("a copied block is the same in all layers, and ends where the next one begins", arguments: CacheType.allCases)
    func copying(type: CacheType) throws {
        let item = AttentionCase(headCount: 2, headWidth: 17, lengths: [16], type: type, seed: seed)
        let expected = try item.attend().row(15)
        let backend = try Backend(threadCount: 2)
        let cache = try item.cache()
        let neighbours = [1, 3].map { CachedRows(rows: 0..<16, start: 0, blockTable: [$0]) }
        for layer in 0...1 {
            backend.store(item.projection, layer: layer, item.batch, cache)
            backend.store(item.projection, layer: layer, neighbours, cache)
        }
        cache.copyBlock(from: 0, to: 2)
        for layer in 0...1 {
            for block in [Int32(0), 1, 2, 3] {
                let output = Matrix(rows: 16, columns: item.width)
                // Its own is all that a position stores anew.
                let last = CachedRows(rows: 15..<16, start: 15, blockTable: [block])
                backend.attend(item.projection, layer: layer, [last], cache, into: output)
                #expect(output.row(15) == expected, "layer \(layer), block \(block), seed \(seed)")
            }
        }
    }

    @Test("a block has 16 keys, and 16 values whose width is filled up to a multiple of 16")
    func blockSize() throws {
        #expect(KeyValueCache.byteCountPerBlock(headCount: 25, headWidth: 64) == 25 * 16 * 128 * 4)
        #expect(KeyValueCache.byteCountPerBlock(headCount: 25, headWidth: 64, type: .f16) == 25 * 16 * 128 * 2)
        #expect(KeyValueCache.byteCountPerBlock(headCount: 3, headWidth: 17, type: .f16) == 3 * 16 * (17 + 32) * 2)
        let cache = try KeyValueCache(layerCount: 2, blockCount: 5, headCount: 3, headWidth: 17, type: .f16)
        #expect(cache.byteCount == 2 * 5 * 3 * 16 * (17 + 32) * 2)
        #expect(KeyValueCache.byteCountPerBlock(headCount: 2, headWidth: .max) == .max)
    }

    @Test("an impossible cache is refused")
    func impossibleCache() {
        #expect(throws: KernelsError.outOfMemory(byteCount: nil, purpose: "the KV cache")) {
            _ = try KeyValueCache(layerCount: 1 << 20, blockCount: 1 << 31, headCount: 1 << 16, headWidth: 1 << 16)
        }
    }
}
