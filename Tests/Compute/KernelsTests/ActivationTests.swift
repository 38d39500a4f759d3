import Foundation
import Kernels
import Synchronization
import TestSupport
import Testing

@Suite("Activation, sum and conversion")
struct ActivationTests {
    private let seed = TestSeed.value

    /// Everything from tiny to far out, in a number that leaves lanes over.
    private static let inputs: [Float] =
        (-1501...1501).map { Float($0) / 100 } + [1e-30, -1e-30, 1e-6, 100, -100, 1e10]

    private func applied(_ function: (UnsafeMutablePointer<Float>, Int) -> Void) -> [Float] {
        var values = Self.inputs
        values.withUnsafeMutableBufferPointer { function($0.baseAddress!, $0.count) }
        return values
    }

    @Test("GELU by the hyperbolic tangent is right to the last bits of its argument")
    func geluTanh() {
        for (x, y) in zip(Self.inputs, applied { fastestKernels.geluByTanh($0, count: $1) }) {
            let x = Double(x)
            let expected = 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
            #expect(abs(Double(y) - expected) <= 10 * unitRoundoff * abs(x), "x = \(x)")
        }
    }

    @Test("GELU by the error function is right to the last bits of its argument")
    func geluErf() {
        for (x, y) in zip(Self.inputs, applied { fastestKernels.geluByErf($0, count: $1) }) {
            let x = Double(x)
            let expected = 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
            #expect(abs(Double(y) - expected) <= 10 * unitRoundoff * abs(x), "x = \(x)")
        }
    }

    @Test("SiLU is right to the last bits of its argument")
    func silu() {
        for (x, y) in zip(Self.inputs, applied { fastestKernels.silu($0, count: $1) }) {
            let x = Double(x)
            #expect(abs(Double(y) - x / (1 + exp(-x))) <= 5 * unitRoundoff * abs(x), "x = \(x)")
        }
        #expect(value(of: .infinity, fastestKernels.silu) == .infinity)
        #expect(value(of: -0.0, fastestKernels.silu) == 0)
        #expect(value(of: .nan, fastestKernels.silu).isNaN)
    }

    @Test("ReLU leaves what is above 0 and NaN, and gives 0 for the rest")
    func relu() {
        for (x, y) in zip(Self.inputs, applied { fastestKernels.relu($0, count: $1) }) {
            #expect(y.bitPattern == max(x, 0).bitPattern, "x = \(x)")
        }
        for (x, y): (Float, Float) in [(-0.0, 0), (-.infinity, 0), (.infinity, .infinity)] {
            #expect(value(of: x, fastestKernels.relu).bitPattern == y.bitPattern, "x = \(x)")
        }
        for nan in [Float.nan, -Float.nan] { #expect(value(of: nan, fastestKernels.relu).isNaN) }
    }

    private func value(of x: Float, _ function: (UnsafeMutablePointer<Float>, Int) -> Void) -> Float {
        var value = x
        function(&value, 1)
        return value
    }

    @Test("NaN stays NaN, and a value has the same bits in any lane")
    func lanes() {
        var values: [Float] = [.nan] + [Float](repeating: 0.7, count: 17)
        values.withUnsafeMutableBufferPointer { fastestKernels.geluByTanh($0.baseAddress!, count: $0.count) }
        #expect(values[0].isNaN)
        #expect(Set(values[1...].map(\.bitPattern)).count == 1)
    }

    @Test(
        "a product followed by an activation is the activation of the product", arguments: PackedType.allCases,
        Activation.allCases)
    func afterProduct(type: PackedType, activation: Activation) throws {
        var random = SplitMix64(seed: 2)
        let backend = try Backend(threadCount: 3)
        let weights = stored(random.floats(40 * 150), as: .f32)
        let packed = try PackedMatrix(
            weights.span.bytes, type: .f32, layout: .inputMajor, depth: 40, columns: 150, as: type, backend: backend)
        let x = Matrix(random.floats(7 * 40), rows: 7, columns: 40)
        let (plain, activated) = (Matrix(rows: 7, columns: 150), Matrix(rows: 7, columns: 150))
        backend.multiply(x, by: packed, bias: nil, into: plain)
        backend.multiply(x, by: packed, bias: nil, then: activation, into: activated)
        var expected = plain.allValues
        expected.withUnsafeMutableBufferPointer { values in
            switch activation {
            case .none: break
            case .geluByTanh: fastestKernels.geluByTanh(values.baseAddress!, count: values.count)
            case .geluByErf: fastestKernels.geluByErf(values.baseAddress!, count: values.count)
            case .relu: fastestKernels.relu(values.baseAddress!, count: values.count)
            case .silu: fastestKernels.silu(values.baseAddress!, count: values.count)
            }
        }
        #expect(activated.allValues == expected)
    }

    @Test(
        "a product that says when its end is near says it once, and comes to the same, whatever the threads and panels",
        arguments: [1, 2, 3, 5])
    func nearEnd(threads: Int) throws {
        let backend = try Backend(threadCount: threads)
        var random = SplitMix64(seed: seed)
        // The last has more weights than what is left near the end.
        for columns in [1, 16, 17, 150, 30_000] {
            let weights = stored(random.floats(40 * columns), as: .f32)
            let packed = try PackedMatrix(
                weights.span.bytes, type: .f32, layout: .inputMajor, depth: 40, columns: columns, backend: backend)
            for rows in [1, 7, 70] {
                let x = Matrix(random.floats(rows * 40), rows: rows, columns: 40)
                let (y, expected) = (Matrix(rows: rows, columns: columns), Matrix(rows: rows, columns: columns))
                backend.multiply(x, by: packed, bias: nil, into: expected)
                let calls = Atomic<Int>(0)
                backend.multiply(x, by: packed, bias: nil, into: y) { calls.add(1, ordering: .relaxed) }
                #expect(calls.load(ordering: .relaxed) == 1, "\(rows) × 40 × \(columns)")
                #expect(y.allValues == expected.allValues, "\(rows) × 40 × \(columns), seed \(seed)")
            }
        }
    }

    @Test("one value that is not finite is found wherever it is", arguments: [1, 15, 16, 17, 64, 65])
    func finite(count: Int) {
        let clean = [Float](repeating: .greatestFiniteMagnitude, count: count)
        #expect(Matrix(row: clean).isFinite)
        for index in 0..<count {
            for bad in [Float.infinity, -.infinity, .nan] {
                var values = clean
                values[index] = bad
                #expect(!Matrix(row: values).isFinite)
            }
        }
    }

    @Test("every f16 and bf16 value widens exactly")
    func widening() throws {
        let patterns = (0...UInt16.max).map { $0 }
        let bytes = patterns.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        let half = try Matrix(bytes.span.bytes, type: .f16, rows: 1, columns: 65536)
        let brain = try Matrix(bytes.span.bytes, type: .bf16, rows: 1, columns: 65536)
        for (index, pattern) in patterns.enumerated() {
            let expected = Float(Float16(bitPattern: pattern))
            let found = half.row(0, index)
            #expect(found == expected || (found.isNaN && expected.isNaN))
            #expect(brain.row(0, index).bitPattern == UInt32(pattern) << 16)
        }
    }

    @Test("rows of a table are looked up and added")
    func lookUp() {
        var random = SplitMix64(seed: 4)
        for type in WeightType.allCases {
            let table = random.floats(5 * 19)
            let bytes = stored(table, as: type)
            let exact = rounded(table, as: type)
            let matrix = Matrix(rows: 2, columns: 19)
            matrix.lookUp(3, in: bytes.span.bytes, type: type, row: 1, adding: false)
            matrix.lookUp(0, in: bytes.span.bytes, type: type, row: 1, adding: true)
            #expect(matrix.row(0) == [Float](repeating: 0, count: 19))
            let expected: [Float] = (0..<19).map { exact[3 * 19 + $0] + exact[$0] }
            #expect(matrix.row(1) == expected)
        }
    }
}

extension Matrix {
    fileprivate func row(_ row: Int, _ column: Int) -> Float { withRow(row) { $0[column] } }
}
