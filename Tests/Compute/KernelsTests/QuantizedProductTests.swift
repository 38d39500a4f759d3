import Kernels
import TestSupport
import Testing

@Suite("Quantized product")
struct QuantizedProductTests {
    private static let shapes = [
        (1, 1, 1), (1, 64, 15), (2, 63, 16), (3, 65, 17), (5, 129, 63), (8, 200, 65), (13, 31, 33), (40, 320, 48),
    ]

    @Test(
        "every output is one fused chain over groups of exact integers, the bias added last",
        arguments: [PackedType.int8, .int4], shapes)
    func chain(type: PackedType, shape: (rows: Int, depth: Int, columns: Int)) throws {
        let item = try QuantizedCase(shape.rows, shape.depth, shape.columns, type)
        for threads in 1...2 {
            let output = try item.multiply(backend: Backend(threadCount: threads))
            #expect(output.bits == item.expected.map(\.bitPattern))
        }
    }

    @Test("activations at the edge of the range, and groups that are all zero", arguments: [PackedType.int8, .int4])
    func edges(type: PackedType) throws {
        var item = try QuantizedCase(4, 256, 33, type)
        for k in 0..<256 {
            item.input[k] = k % 2 == 0 ? 127 : -127
            item.input[256 + k] = k < 64 ? 0 : 0.5
            item.input[512 + k] = 0
            // So small that the quotient overflows: as good as zero.
            item.input[768 + k] = 1e-38
        }
        let output = try item.multiply(backend: Backend(threadCount: 1))
        #expect(output.bits == item.expected.map(\.bitPattern))
        #expect(output.row(2) == item.bias)
        #expect(output.row(3) == item.bias)
    }

    @Test("weights at both ends of their range", arguments: [PackedType.int8, .int4])
    func extremeWeights(type: PackedType) throws {
        var item = try QuantizedCase(3, 128, 16, type)
        try item.pack((0..<128 * 16).map { $0 / 16 % 2 == 0 ? 1 : -1 })
        let output = try item.multiply(backend: Backend(threadCount: 1))
        #expect(output.bits == item.expected.map(\.bitPattern))
    }

    @Test("is as near to the exact product as rounded activations can be", arguments: [PackedType.int8, .int4])
    func againstDouble(type: PackedType) throws {
        let item = try QuantizedCase(7, 500, 65, type)
        let output = try item.multiply(backend: Backend(threadCount: 2)).allValues
        let size = try #require(type.groupSize)
        for row in 0..<item.rows {
            let values = Array(item.input[row * item.depth..<(row + 1) * item.depth])
            for column in 0..<item.columns {
                let weights = item.weights(column)
                var (exact, bound) = (Double(item.bias[column]), 1e-6)
                for k in 0..<item.depth {
                    let group = values[k / size * size..<min(item.depth, (k / size + 1) * size)]
                    let step = Double(group.map(abs).max()!) / 127
                    exact += Double(values[k]) * weights[k]
                    // Half a step of the activation, and the rounding of floats.
                    bound += abs(weights[k]) * step * 0.5001 + abs(Double(values[k]) * weights[k]) * 1e-5
                }
                #expect(abs(Double(output[row * item.columns + column]) - exact) <= bound)
            }
        }
    }

    @Test("a row with a value that is not finite gives NaN everywhere", arguments: [PackedType.int8, .int4])
    func notFinite(type: PackedType) throws {
        var item = try QuantizedCase(9, 150, 35, type)
        let clean = try item.multiply(backend: Backend(threadCount: 1))
        item.input[1 * 150 + 149] = .infinity
        item.input[5 * 150] = -.infinity
        item.input[8 * 150 + 70] = .nan
        let output = try item.multiply(backend: Backend(threadCount: 2))
        for row in 0..<9 {
            if [1, 5, 8].contains(row) {
                #expect(output.row(row).allSatisfy { $0.isNaN })
            } else {
                #expect(output.row(row) == clean.row(row))
            }
        }
    }
}
