import Foundation
import Kernels
import Testing

@Suite("Elementary functions against the Double ones of the C library")
struct ElementaryFunctionTests {
    @Test("exp is within 1.1 ulp over all floats, at the edges of overflow and underflow too")
    func exponential() {
        let edges: [Float] = [88.72283, 88.72284, 89, 1e30, -87.336, -87.337, -103.97, -103.98, -104, -150, -1e30]
        #expect(worst(VectorMath.exp, Foundation.exp, edges) < 1.1)
        #expect(
            VectorMath.exp([0, -0.0, .infinity, -.infinity, 88.72284, -104].span) == [1, 1, .infinity, 0, .infinity, 0])
    }

    @Test("log is within 1 ulp over all floats, subnormal ones too")
    func logarithm() {
        let edges: [Float] = [
            .leastNonzeroMagnitude, .leastNormalMagnitude, .leastNormalMagnitude.nextDown, Float(1).nextUp,
            Float(1).nextDown, 0.70710677, 0.70710683, 1.4142135, 1.4142137, .greatestFiniteMagnitude,
        ]
        #expect(worst(VectorMath.log, Foundation.log, edges) < 1)
        #expect(VectorMath.log([1, 0, -0.0, .infinity].span) == [0, -.infinity, -.infinity, .infinity])
        let undefined: [Float] = [-1, -.leastNonzeroMagnitude, -.infinity, .nan, -.nan]
        #expect(VectorMath.log(undefined.span).filter { !$0.isNaN } == [])
    }

    @Test("tanh is within 2.5 ulp over all floats, odd, and 1 from 10 on")
    func hyperbolicTangent() {
        #expect(worst(VectorMath.tanh, Foundation.tanh, [0.17328, 0.17329, 9.01, 9.02, 10, 1e30]) < 2.5)
        #expect(VectorMath.tanh([.infinity, -.infinity, 10, -10].span) == [1, -1, 1, -1])
        #expect(isOdd(VectorMath.tanh))
    }

    @Test("erf is within 1.1 ulp over all floats, odd, and 1 from 4 on")
    func errorFunction() {
        let edges: [Float] = [1, Float(1).nextDown, Float(1).nextUp, 3.91, 3.92, 3.93, 4, 1e30]
        #expect(worst(VectorMath.erf, Foundation.erf, edges) < 1.1)
        #expect(VectorMath.erf([.infinity, -.infinity, 4, -4].span) == [1, -1, 1, -1])
        #expect(isOdd(VectorMath.erf))
    }

    @Test("NaN stays NaN")
    func notANumber() {
        for function in [VectorMath.exp, VectorMath.log, VectorMath.tanh, VectorMath.erf] {
            #expect(function([.nan, -.nan, 1].span).map(\.isNaN) == [true, true, false])
        }
    }

    /// The greatest error in ulp over every 1,009th bit pattern and `edges` of both signs.
    private func worst(
        _ function: (Span<Float>) -> [Float], _ reference: (Double) -> Double, _ edges: [Float]
    ) -> Double {
        let patterns = stride(from: UInt32(0), to: .max, by: 1_009).map(Float.init(bitPattern:))
        let inputs = patterns + edges + edges.map { -$0 }
        let outputs = function(inputs.span)
        return zip(inputs, outputs).reduce(0) { max($0, error($1.1, reference(Double($1.0)))) }
    }

    /// The error in units of the last place of the right result, infinity where one is special and the other is not.
    private func error(_ value: Float, _ exact: Double) -> Double {
        if value.isNaN || exact.isNaN { return value.isNaN == exact.isNaN ? 0 : .infinity }
        let rounded = Float(exact)
        if value.isInfinite || rounded.isInfinite { return value == rounded ? 0 : .infinity }
        return abs(Double(value) - exact) / Double(max(rounded.magnitude, .leastNormalMagnitude).ulp)
    }

    private func isOdd(_ function: (Span<Float>) -> [Float]) -> Bool {
        let inputs: [Float] = [0, .leastNonzeroMagnitude, 1e-30, 0.1, 0.9, 1, 1.5, 3, 20, .infinity]
        let positive = function(inputs.span)
        let opposites = inputs.map { -$0 }
        let negative = function(opposites.span)
        return zip(positive, negative).allSatisfy { $0.bitPattern == (-$1).bitPattern }
    }
}
