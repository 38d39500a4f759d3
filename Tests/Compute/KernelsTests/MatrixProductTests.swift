import Kernels
import TestSupport
import Testing

@Suite("Matrix product")
struct MatrixProductTests {
    private struct Case {
        var rows: Int
        var depth: Int
        var columns: Int
        var input: [Float]
        var weights: [Float]
        var bias: [Float]

        init(rows: Int, depth: Int, columns: Int, seed: UInt64) {
            (self.rows, self.depth, self.columns) = (rows, depth, columns)
            var random = SplitMix64(seed: seed)
            input = random.floats(rows * depth, limit: 2)
            weights = random.floats(depth * columns)
            bias = random.floats(columns)
        }

        func multiply(
            type: WeightType = .f32, layout: WeightLayout = .inputMajor, as packedType: PackedType = .f32,
            bias: [Float]? = nil, backend: Backend
        ) throws -> Matrix {
            var ordered = weights
            if layout == .outputMajor {
                ordered = (0..<columns).flatMap { column in (0..<depth).map { weights[$0 * columns + column] } }
            }
            // One byte off, as a mapped file may be.
            let bytes = [0] + stored(ordered, as: type)
            let packed = try PackedMatrix(
                bytes.span.bytes.extracting(droppingFirst: 1), type: type, layout: layout, depth: depth,
                columns: columns, as: packedType, backend: backend)
            let output = Matrix(rows: rows, columns: columns)
            let x = Matrix(input, rows: rows, columns: depth)
            backend.multiply(x, by: packed, bias: bias.map { Matrix(row: $0) }, into: output)
            return output
        }

        /// One chain of fused multiply-adds over ascending depth from 0, the bias last.
        func chain(_ weights: [Float]) -> [UInt32] {
            (0..<rows * columns).map { index in
                let (row, column) = (index / columns, index % columns)
                var sum: Float = 0
                for k in 0..<depth { sum.addProduct(input[row * depth + k], weights[k * columns + column]) }
                return (sum + bias[column]).bitPattern
            }
        }
    }

    @Test(
        "every output is one fused chain over ascending depth, the bias added last",
        arguments: [
            (1, 1, 1), (1, 7, 15), (2, 33, 16), (3, 5, 17), (4, 64, 63), (5, 129, 65), (6, 3, 31), (7, 80, 48),
            (13, 21, 33), (97, 11, 18), (200, 16, 1),
        ])
    func fusedChain(rows: Int, depth: Int, columns: Int) throws {
        let backend = try Backend(threadCount: 2)
        for type in WeightType.allCases {
            let item = Case(rows: rows, depth: depth, columns: columns, seed: UInt64(rows * depth))
            let expected = item.chain(rounded(item.weights, as: type))
            for layout in [WeightLayout.inputMajor, .outputMajor] {
                let output = try item.multiply(type: type, layout: layout, bias: item.bias, backend: backend)
                #expect(output.bits == expected, "\(type) \(layout)")
            }
        }
    }

    @Test("weights that are kept in 16 bits give what f32 arithmetic gives on them", arguments: [1, 5, 8, 33, 70])
    func keptNarrow(rows: Int) throws {
        let backend = try Backend(threadCount: 2)
        for (stored, packed) in [(WeightType.f16, PackedType.f16), (.bf16, .bf16)] {
            let item = Case(rows: rows, depth: 67, columns: 63, seed: UInt64(rows))
            let expected = item.chain(rounded(item.weights, as: stored))
            for layout in [WeightLayout.inputMajor, .outputMajor] {
                let output = try item.multiply(
                    type: stored, layout: layout, as: packed, bias: item.bias, backend: backend)
                #expect(output.bits == expected, "\(packed) \(layout)")
            }
        }
    }

    @Test("f32 weights are rounded to the nearest of 16 bits, ties to even")
    func roundedWeights() throws {
        let backend = try Backend(threadCount: 1)
        let values: [Float] = [
            1, 1.0009765625, 1.00048828125, 1.00146484375, -3.3, 6e-8, 2.98e-8, 65519, 65520, 0x1.8p-130,
        ]
        for type in [PackedType.f16, .bf16] {
            let packed = try PackedMatrix(
                stored(values, as: .f32).span.bytes, type: .f32, layout: .outputMajor, depth: values.count, columns: 1,
                as: type, backend: backend)
            let row = Matrix(rows: 1, columns: values.count)
            row.lookUp(0, in: packed, row: 0, adding: false)
            #expect(row.row(0) == values.map { type == .f16 ? Float(Float16($0)) : $0.roundedToBF16 })
        }
    }

    @Test("stays within the rounding of a chain from the product in double precision", arguments: [1, 15, 63, 65])
    func againstDouble(columns: Int) throws {
        let item = Case(rows: 3, depth: 501, columns: columns, seed: 5)
        let output = try item.multiply(backend: Backend(threadCount: 1)).allValues
        for row in 0..<item.rows {
            for column in 0..<columns {
                let terms = (0..<item.depth).map {
                    Double(item.input[row * item.depth + $0]) * Double(item.weights[$0 * columns + column])
                }
                let bound = Double(item.depth) * unitRoundoff * terms.reduce(0) { $0 + abs($1) }
                #expect(abs(Double(output[row * columns + column]) - terms.reduce(0, +)) <= bound)
            }
        }
    }

    @Test("a row has the same bits alone and among many, for any number of threads")
    func rowsAndThreads() throws {
        let many = Case(rows: 103, depth: 203, columns: 147, seed: 11)
        let expected = try many.multiply(backend: Backend(threadCount: 1))
        for threads in 2...5 {
            #expect(try many.multiply(backend: Backend(threadCount: threads)).bits == expected.bits)
        }
        let backend = try Backend(threadCount: 2)
        for row in [0, 50, 102] {
            var one = many
            one.rows = 1
            one.input = Array(many.input[row * many.depth..<(row + 1) * many.depth])
            #expect(try one.multiply(backend: backend).row(0) == expected.row(row))
        }
    }

    @Test("a row with a value that is not finite gives NaN everywhere, the others what they give without it")
    func notFinite() throws {
        let backend = try Backend(threadCount: 2)
        var item = Case(rows: 9, depth: 37, columns: 35, seed: 3)
        let clean = try item.multiply(backend: backend)
        item.input[1 * item.depth + 36] = .infinity
        item.input[5 * item.depth] = -.infinity
        item.input[8 * item.depth + 20] = .nan
        let output = try item.multiply(backend: backend)
        for row in 0..<item.rows {
            if [1, 5, 8].contains(row) {
                #expect(output.row(row).allSatisfy { $0.isNaN })
            } else {
                #expect(output.row(row) == clean.row(row))
            }
        }
    }

    @Test("weights of the wrong size are refused")
    func wrongSize() throws {
        let backend = try Backend(threadCount: 1)
        let bytes = [UInt8](repeating: 0, count: 23)
        #expect(throws: KernelsError.wrongByteCount(found: 23, rows: 2, columns: 3)) {
            _ = try PackedMatrix(
                bytes.span.bytes, type: .f32, layout: .inputMajor, depth: 2, columns: 3, backend: backend)
        }
        #expect(throws: KernelsError.self) {
            _ = try PackedMatrix(
                bytes.span.bytes, type: .f32, layout: .inputMajor, depth: .max, columns: 3, backend: backend)
        }
    }
}

extension Float {
    /// The nearest number of 8 significant bits, ties to even, by way of double precision.
    fileprivate var roundedToBF16: Float {
        let spacing = Double(sign: .plus, exponent: max(Int(exponent), -126) - 7, significand: 1)
        return Float((Double(self) / spacing).rounded(.toNearestOrEven) * spacing)
    }
}
