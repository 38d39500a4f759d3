import Kernels
import TestSupport
import Testing

@Suite("Quantization of weights")
struct WeightQuantizationTests {
    private func pack(_ column: [Float], as type: PackedType) throws -> QuantizedPanels {
        let packed = try PackedMatrix(
            stored(column, as: .f32).span.bytes, type: .f32, layout: .outputMajor, depth: column.count, columns: 1,
            as: type, backend: Backend(threadCount: 1))
        return QuantizedPanels(packed)
    }

    private func errors(_ column: [Float], as type: PackedType) throws -> [Float] {
        let panels = try pack(column, as: type)
        return column.indices.map { k in
            column[k] - Float(panels.integer(k, 0)) * panels.scale(k / panels.size, 0)
        }
    }

    @Test("integers keep within their range, and weights within a step of what they were")
    func range() throws {
        for seed in 0..<50 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let column = random.floats(64, limit: Float.random(in: 0.001...10, using: &random))
            for type in [PackedType.int8, .int4] {
                let panels = try pack(column, as: type)
                let errors = try errors(column, as: type)
                for k in column.indices {
                    #expect(type == .int8 ? abs(panels.integer(k, 0)) <= 127 : (-8...7).contains(panels.integer(k, 0)))
                    // The outermost weights may be cut off where that makes the others better.
                    let step = abs(panels.scale(k / panels.size, 0))
                    #expect(abs(errors[k]) <= step * (type == .int8 ? 0.75 : 1.6), "\(type) seed \(seed)")
                }
            }
        }
    }

    @Test("the squared error of int4 is less than that of the plain scale")
    func search() throws {
        var (searched, plain) = (0.0, 0.0)
        for seed in 0..<50 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            // Sums of uniform numbers: weights are about normally distributed.
            let column = (0..<32).map { _ in random.floats(6).reduce(0, +) }
            searched += try errors(column, as: .int4).reduce(0) { $0 + Double($1 * $1) }
            let extreme = column.max { abs($0) < abs($1) }!
            let scale = Float(Float16(extreme / -8))
            plain += column.reduce(0) { sum, weight in
                let integer = min(7, max(-8, (weight / scale).rounded(.toNearestOrEven)))
                return sum + Double((weight - integer * scale) * (weight - integer * scale))
            }
        }
        #expect(searched < 0.9 * plain)
    }

    @Test(
        "a group of zeros is exact, one with a weight that is not finite has no scale",
        arguments: [PackedType.int8, .int4])
    func special(type: PackedType) throws {
        let zeros = try pack([Float](repeating: 0, count: 64), as: type)
        #expect(zeros.scale(0, 0) == 0 && zeros.integer(5, 0) == 0)
        for value in [Float.nan, .infinity, -.infinity] {
            var column = [Float](repeating: 1, count: 64)
            column[3] = value
            #expect(try pack(column, as: type).scale(0, 0).isNaN)
        }
        // Too small for a scale of half precision.
        #expect(try errors([Float](repeating: 1e-12, count: 64), as: type).allSatisfy { abs($0) <= 1e-12 })
    }
}
