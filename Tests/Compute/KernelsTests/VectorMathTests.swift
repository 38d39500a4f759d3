import Foundation
import Kernels
import Testing

@Suite("Functions over vectors of any length")
struct VectorMathTests {
    private let lengths = 0...70

    /// Numbers of both signs in no order.
    private func values(_ count: Int) -> [Float] {
        (0..<count).map { Float(($0 * 37 + 11) % 101) / 8 - 6 }
    }

    @Test("a value's result depends neither on its place nor on the length")
    func placeDoesNotMatter() {
        for function in [VectorMath.exp, VectorMath.log, VectorMath.tanh, VectorMath.erf] {
            for length in lengths {
                let input = values(length)
                let single = input.flatMap { function([$0].span) }
                #expect(function(input.span).map(\.bitPattern) == single.map(\.bitPattern), "length \(length)")
            }
        }
    }

    @Test("the maximum is that of the plain loop, -infinity of nothing")
    func maximum() {
        for length in lengths {
            let input = values(length)
            let negative = input.map { -abs($0) - 1 }
            for values in [input, negative] {
                let maximum = VectorMath.maximum(values.span)
                #expect(maximum == values.max() ?? -.infinity, "length \(length)")
            }
        }
    }

    @Test("sums of exponentials agree with Double")
    func sumOfExponentials() {
        for length in lengths {
            let input = values(length)
            let exact = input.reduce(0) { $0 + Foundation.exp(Double($1) - 2.5) }
            #expect(abs(Double(VectorMath.sumOfExponentials(input.span, offset: 2.5)) - exact) <= exact * 1e-6)
        }
    }

    @Test("sums run over 16 lanes and then a fixed tree")
    func orderOfSum() {
        for length in lengths {
            let terms = VectorMath.exp(values(length).span)
            var lanes = [Float](repeating: 0, count: 16)
            for (index, term) in terms.enumerated() { lanes[index % 16] += term }
            for width in [8, 4, 2, 1] {
                for lane in 0..<width { lanes[lane] += lanes[lane + width] }
            }
            #expect(VectorMath.sumOfExponentials(values(length).span, offset: 0) == lanes[0], "length \(length)")
        }
    }

    @Test("quotients are those of plain arithmetic, also where they overflow")
    func shiftedQuotient() {
        for length in lengths {
            let input = values(length)
            let expected = input.map { ($0 - 3.3) / 0.7 }
            #expect(VectorMath.shiftedQuotient(input.span, offset: 3.3, divisor: 0.7) == expected)
        }
        let tiny = Float.leastNonzeroMagnitude
        #expect(VectorMath.shiftedQuotient([3, 2].span, offset: 3, divisor: tiny) == [0, -.infinity])
    }

    @Test("one value that is not finite is found anywhere")
    func finiteness() {
        for length in lengths {
            #expect(allFinite(values(length)))
            for place in 0..<length {
                for value in [Float.nan, .infinity, -.infinity] {
                    var input = values(length)
                    input[place] = value
                    #expect(!allFinite(input), "\(value) at \(place) of \(length)")
                }
            }
        }
        #expect(allFinite([.greatestFiniteMagnitude, -.greatestFiniteMagnitude]))
    }

    private func allFinite(_ values: [Float]) -> Bool { VectorMath.allFinite(values.span) }
}
