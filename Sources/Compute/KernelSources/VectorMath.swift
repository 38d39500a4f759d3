extension Variant {
    /// Writes eˣ of `count` values; `output` may be `input`.
    @inline(never)
    public static func exponential(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int) {
        map(input, output, count: count) { vectorExp($0) }
    }

    /// Writes the natural logarithm of `count` values; `output` may be `input`.
    @inline(never)
    public static func logarithm(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int) {
        map(input, output, count: count) { vectorLog($0) }
    }

    /// Writes the hyperbolic tangent of `count` values; `output` may be `input`.
    @inline(never)
    public static func hyperbolicTangent(
        _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int
    ) {
        map(input, output, count: count) { vectorTanh($0) }
    }

    /// Writes the error function of `count` values; `output` may be `input`.
    @inline(never)
    public static func errorFunction(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int) {
        map(input, output, count: count) { vectorErf($0) }
    }

    /// Writes (value - `offset`) ÷ `divisor` of `count` values; `output` may be `input`.
    @inline(never)
    public static func shiftedQuotient(
        _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int, offset: Float, divisor: Float
    ) {
        let offsets = SIMD16(repeating: offset)
        let divisors = SIMD16(repeating: divisor)
        map(input, output, count: count) { ($0 - offsets) / divisors }
    }

    /// The greatest of `count` values; -infinity if there are none.
    @inline(never)
    public static func maximum(_ values: UnsafePointer<Float>, count: Int) -> Float {
        var greatest = SIMD16<Float>(repeating: -.infinity)
        forEachBlock(values, count: count, padding: -.infinity) { block in
            greatest = greatest.replacing(with: block, where: block .> greatest)
        }
        return max16(greatest)
    }

    /// Σ exp(value - `offset`): 16 lanes over ascending index, then the tree of `sum16`.
    @inline(never)
    public static func sumOfExponentials(_ values: UnsafePointer<Float>, count: Int, offset: Float) -> Float {
        let offsets = SIMD16(repeating: offset)
        var sums = SIMD16<Float>.zero
        // The exponential of the padding is exactly 0, so tail lanes add nothing.
        forEachBlock(values, count: count, padding: -.infinity) { block in
            sums += vectorExp(block - offsets)
        }
        return sum16(sums)
    }
}

/// Applies `function` to 16 lanes at a time.
@inline(__always)
private func map(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int,
    _ function: (SIMD16<Float>) -> SIMD16<Float>
) {
    var index = 0
    forEachBlock(input, count: count, padding: 0) { block in
        let result = function(block)
        if index &+ 16 <= count {
            UnsafeMutableRawPointer(output + index).storeBytes(of: result, as: SIMD16<Float>.self)
        } else {
            let bytes = (count &- index) &* MemoryLayout<Float>.stride
            withUnsafePointer(to: result) {
                UnsafeMutableRawPointer(output + index).copyMemory(from: $0, byteCount: bytes)
            }
        }
        index &+= 16
    }
}

/// Visits 16 values at a time in ascending order; the last block is padded with `padding`.
@inline(__always)
private func forEachBlock(
    _ values: UnsafePointer<Float>, count: Int, padding: Float, _ visit: (SIMD16<Float>) -> Void
) {
    var index = 0
    while index &+ 16 <= count {
        visit(UnsafeRawPointer(values + index).loadUnaligned(as: SIMD16<Float>.self))
        index &+= 16
    }
    guard index < count else { return }
    var block = SIMD16<Float>(repeating: padding)
    let bytes = (count &- index) &* MemoryLayout<Float>.stride
    withUnsafeMutablePointer(to: &block) {
        UnsafeMutableRawPointer($0).copyMemory(from: values + index, byteCount: bytes)
    }
    visit(block)
}
