import Kernels
import TestSupport
import Testing

/// Steps quantize what they write part by part, on the thread that writes it; a product must not see a difference to
/// floats that were quantized afterwards, in one go.
@Suite("What a step leaves for the next product")
struct ProductInputTests {
    private let seed = TestSeed.value

    private func packed(_ random: inout SplitMix64, depth: Int, columns: Int, _ type: PackedType) throws -> PackedMatrix
    {
        try PackedMatrix(
            stored(random.floats(depth * columns), as: .f32).span.bytes, type: .f32, layout: .inputMajor, depth: depth,
            columns: columns, as: type, backend: Backend(threadCount: 2))
    }

    /// Calls `step` with a buffer for what it leaves, and compares a product of that with one of the floats that it gives.
    private func expectSameProduct(
        rows: Int, by weights: PackedMatrix, _ what: String,
        _ step: (_ backend: Backend, _ output: ProductInput) throws -> Matrix
    ) throws {
        var expected: [UInt32]?
        for threads in 1...5 {
            let backend = try Backend(threadCount: threads)
            let output = ProductInput(rows: rows, depth: weights.depth, for: weights.type, from: MatrixPool())
            let floats = try step(backend, output)
            let found = Matrix(rows: rows, columns: weights.columns)
            let plain = Matrix(rows: rows, columns: weights.columns)
            backend.multiply(output, by: weights, bias: nil, into: found)
            backend.multiply(floats, by: weights, bias: nil, into: plain)
            expected = expected ?? plain.bits
            let isSame = found.bits == plain.bits && found.bits == expected
            #expect(isSame, "\(what), \(weights.type), \(threads) threads, seed \(seed)")
        }
    }

    @Test("by a layer norm", arguments: PackedType.allCases, [1, 5, 16, 40])
    func layerNorm(type: PackedType, rows: Int) throws {
        var random = SplitMix64(seed: seed)
        let width = Int.random(in: 1...300, using: &random)
        let weights = try packed(&random, depth: width, columns: 40, type)
        let x = Matrix(random.floats(rows * width, limit: 3), rows: rows, columns: width)
        let (scale, shift) = (Matrix(row: random.floats(width)), Matrix(row: random.floats(width)))
        try expectSameProduct(rows: rows, by: weights, "\(rows) × \(width)") { backend, output in
            backend.layerNorm(x, scale: scale, shift: shift, epsilon: 1e-5, into: output)
            return output.values
        }
    }

    @Test("by a product with GELU", arguments: PackedType.allCases, [1, 5, 16, 40, 300])
    func activation(type: PackedType, rows: Int) throws {
        var random = SplitMix64(seed: seed)
        let (depth, inner) = (Int.random(in: 1...200, using: &random), Int.random(in: 1...900, using: &random))
        let first = try packed(&random, depth: depth, columns: inner, type)
        let second = try packed(&random, depth: inner, columns: 40, type)
        let x = ProductInput(
            Matrix(random.floats(rows * depth, limit: 3), rows: rows, columns: depth), for: type, from: MatrixPool())
        let bias = Matrix(row: random.floats(inner))
        try Backend(threadCount: 1).quantize(x)
        try expectSameProduct(rows: rows, by: second, "\(rows) × \(depth) × \(inner)") { backend, output in
            backend.multiply(x, by: first, bias: bias, then: .geluByTanh, into: output)
            let floats = Matrix(rows: rows, columns: inner)
            backend.multiply(x, by: first, bias: bias, then: .geluByTanh, into: floats)
            return floats
        }
    }

    @Test("by attention, whatever the width of a head", arguments: PackedType.allCases, [7, 24, 32, 64])
    func attention(type: PackedType, headWidth: Int) throws {
        for lengths in [[1], [3, 1, 17, 40], [70, 2]] {
            let item = AttentionCase(headCount: 5, headWidth: headWidth, lengths: lengths, type: .f16, seed: seed)
            var random = SplitMix64(seed: seed)
            let weights = try packed(&random, depth: item.width, columns: 40, type)
            let rows = item.projection.rows
            try expectSameProduct(rows: rows, by: weights, "\(lengths), heads of \(headWidth)") { backend, output in
                backend.attend(item.projection, layer: 1, item.batch, try item.cache(), into: output)
                return output.values
            }
        }
    }

    @Test("a product is added to what is there", arguments: PackedType.allCases, [1, 7, 16, 33, 300])
    func addition(type: PackedType, rows: Int) throws {
        var random = SplitMix64(seed: seed)
        let (depth, columns) = (Int.random(in: 1...200, using: &random), Int.random(in: 1...900, using: &random))
        let weights = try packed(&random, depth: depth, columns: columns, type)
        let x = Matrix(random.floats(rows * depth, limit: 3), rows: rows, columns: depth)
        let (bias, before) = (Matrix(row: random.floats(columns)), random.floats(rows * columns))
        for threads in 1...5 {
            let backend = try Backend(threadCount: threads)
            let (product, scratch) = (Matrix(rows: rows, columns: columns), Matrix(rows: rows, columns: columns))
            backend.multiply(x, by: weights, bias: bias, into: product)
            let sum = Matrix(before, rows: rows, columns: columns)
            let input = ProductInput(x, for: type, from: MatrixPool())
            backend.quantize(input)
            var calls = 0
            backend.multiply(input, by: weights, bias: bias, addingTo: sum, product: scratch) { calls += 1 }
            let isSame = sum.allValues == zip(product.allValues, before).map { $0 + $1 }
            #expect(isSame, "\(rows) × \(depth) × \(columns), \(threads) threads, seed \(seed)")
            #expect(calls == 1)
        }
    }

    @Test(
        "sums of many rows that are put by and made in several scratch buffers are the same",
        arguments: PackedType.allCases)
    func scratchBuffers(type: PackedType) throws {
        var random = SplitMix64(seed: seed)
        let (rows, depth, columns) = (300, 2000, 900)
        let weights = try packed(&random, depth: depth, columns: columns, type)
        let x = Matrix(random.floats(rows * depth, limit: 3), rows: rows, columns: depth)
        x.withMutableValues { ($0[7 * depth + 3], $0[299 * depth]) = (.nan, .infinity) }
        for threads in [1, 3] {
            let backend = try Backend(threadCount: threads)
            let input = ProductInput(x, for: type, from: MatrixPool())
            backend.quantize(input)
            let (product, scratch) = (Matrix(rows: rows, columns: columns), Matrix(rows: rows, columns: columns))
            backend.multiply(input, by: weights, bias: nil, into: product)
            let sum = Matrix([Float](repeating: 0, count: rows * columns), rows: rows, columns: columns)
            backend.multiply(input, by: weights, bias: nil, addingTo: sum, product: scratch)
            for row in 0..<rows {
                let isSame =
                    row == 7 || row == 299 ? sum.row(row).allSatisfy(\.isNaN) : sum.row(row) == product.row(row)
                #expect(isSame, "row \(row), \(threads) threads, seed \(seed)")
            }
        }
    }
}
