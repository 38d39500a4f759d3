import Kernels
import TestSupport
import Testing

@Suite("Layer norm")
struct LayerNormTests {
    private static let widths = [1, 15, 16, 17, 63, 65, 192]

    private func layerNorm(
        _ x: [Float], rows: Int, _ scale: [Float], _ shift: [Float], epsilon: Float, threads: Int = 2
    ) throws -> Matrix {
        let width = scale.count
        let output = Matrix(rows: rows, columns: width)
        try Backend(threadCount: threads).layerNorm(
            Matrix(x, rows: rows, columns: width), scale: Matrix(row: scale), shift: Matrix(row: shift),
            epsilon: epsilon, into: output)
        return output
    }

    @Test("mean and variance are sums of 16 lanes and a fixed tree", arguments: widths)
    func fixedTree(width: Int) throws {
        var random = SplitMix64(seed: UInt64(width))
        let (x, scale, shift) = (random.floats(width, limit: 3), random.floats(width), random.floats(width))
        let mean = laneSum(width) { $0 += x[$1] } / Float(width)
        let squares = laneSum(width) { $0.addProduct(x[$1] - mean, x[$1] - mean) }
        let factor = 1 / (squares / Float(width) + 1e-5).squareRoot()
        let expected = (0..<width).map { shift[$0].addingProduct((x[$0] - mean) * factor, scale[$0]).bitPattern }
        #expect(try layerNorm(x, rows: 1, scale, shift, epsilon: 1e-5).bits == expected)
    }

    @Test("stays close to the same in double precision", arguments: widths)
    func againstDouble(width: Int) throws {
        var random = SplitMix64(seed: 100 + UInt64(width))
        let (x, scale, shift) = (random.floats(width, limit: 9), random.floats(width), random.floats(width))
        let output = try layerNorm(x, rows: 1, scale, shift, epsilon: 1e-3).allValues
        let mean = x.reduce(0) { $0 + Double($1) } / Double(width)
        let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(width)
        let factor = 1 / (variance + Double(Float(1e-3))).squareRoot()
        let roundings = Double(width / 16 + 14)
        for index in 0..<width {
            let normal = (Double(x[index]) - mean) * factor
            let expected = normal * Double(scale[index]) + Double(shift[index])
            // Errors of the mean count in proportion to the values, those of the variance to the result.
            let bound = roundings * unitRoundoff * (abs(normal) + 9 * factor + abs(Double(shift[index])))
            #expect(abs(Double(output[index]) - expected) <= bound)
        }
    }

    @Test("a row with a value that is not finite becomes NaN, the others have the bits they have alone")
    func notFinite() throws {
        var random = SplitMix64(seed: 1)
        let (rows, width) = (40, 77)
        var x = random.floats(rows * width)
        let scale = random.floats(width)
        let clean = try layerNorm(x, rows: rows, scale, scale, epsilon: 1e-5, threads: 1)
        x[3 * width] = .infinity
        x[7 * width + 76] = .nan
        x[8 * width + 5] = -.infinity
        let output = try layerNorm(x, rows: rows, scale, scale, epsilon: 1e-5, threads: 3)
        for row in 0..<rows {
            let values = output.row(row)
            #expect([3, 7, 8].contains(row) ? values.allSatisfy { $0.isNaN } : values == clean.row(row))
        }
    }
}
