/// Functions on vectors of floats that give the same bits on every machine: they use polynomials of this package and
/// sums in a fixed order.
public enum VectorMath {
    /// eˣ of every value, within 1.1 ulp.
    public static func exp(_ values: Span<Float>) -> [Float] {
        map(values) { Processor.kernels.exponential($0, $1, count: $2) }
    }

    /// Natural logarithm of every value, within 1 ulp; -infinity at 0, NaN below.
    public static func log(_ values: Span<Float>) -> [Float] {
        map(values) { Processor.kernels.logarithm($0, $1, count: $2) }
    }

    /// Natural logarithm of one value.
    public static func log(_ value: Float) -> Float {
        log([value].span)[0]
    }

    /// Hyperbolic tangent of every value, within 2.5 ulp.
    public static func tanh(_ values: Span<Float>) -> [Float] {
        map(values) { Processor.kernels.hyperbolicTangent($0, $1, count: $2) }
    }

    /// Error function of every value, within 1.1 ulp.
    public static func erf(_ values: Span<Float>) -> [Float] {
        map(values) { Processor.kernels.errorFunction($0, $1, count: $2) }
    }

    /// (value - `offset`) ÷ `divisor` of every value.
    public static func shiftedQuotient(_ values: Span<Float>, offset: Float, divisor: Float) -> [Float] {
        map(values) { Processor.kernels.shiftedQuotient($0, $1, count: $2, offset: offset, divisor: divisor) }
    }

    /// The greatest value, or -infinity if there are none; meaningless with NaN.
    public static func maximum(_ values: Span<Float>) -> Float {
        reduce(values, empty: -.infinity) { Processor.kernels.maximum($0, count: $1) }
    }

    /// Σ exp(value - `offset`), summed in 16 lanes and a fixed tree; 0 if there are no values.
    public static func sumOfExponentials(_ values: Span<Float>, offset: Float) -> Float {
        reduce(values, empty: 0) { Processor.kernels.sumOfExponentials($0, count: $1, offset: offset) }
    }

    /// Whether no value is infinite or NaN.
    public static func allFinite(_ values: Span<Float>) -> Bool {
        reduce(values, empty: true) { Processor.kernels.isFinite($0, count: $1) }
    }

    private static func map(
        _ values: Span<Float>, _ kernel: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) -> [Float] {
        let count = values.count
        return [Float](unsafeUninitializedCapacity: count) { output, initializedCount in
            values.withUnsafeBufferPointer { input in
                if let source = input.baseAddress, let destination = output.baseAddress {
                    kernel(source, destination, count)
                }
            }
            initializedCount = count
        }
    }

    private static func reduce<Result>(
        _ values: Span<Float>, empty: Result, _ kernel: (UnsafePointer<Float>, Int) -> Result
    ) -> Result {
        values.withUnsafeBufferPointer { input in
            guard let source = input.baseAddress else { return empty }
            return kernel(source, input.count)
        }
    }
}
