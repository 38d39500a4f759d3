/// A function applied to each lane. A type rather than a closure, because a closure would be called once for every
/// sixteen values.
private protocol LaneFunction {
    static func apply(_ x: SIMD16<Float>) -> SIMD16<Float>
}

private enum GELUByTanh: LaneFunction {
    @inline(__always)
    static func apply(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let inner = x.addingProduct(SIMD16(repeating: 0.044715), x * x * x)
        let tanh = vectorTanh(SIMD16(repeating: 0.7978845608) * inner)
        return SIMD16(repeating: 0.5) * x * (SIMD16(repeating: 1) + tanh)
    }
}

private enum GELUByErf: LaneFunction {
    @inline(__always)
    static func apply(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let erf = vectorErf(SIMD16(repeating: 0.7071067812) * x)
        return SIMD16(repeating: 0.5) * x * (SIMD16(repeating: 1) + erf)
    }
}

private enum ReLU: LaneFunction {
    @inline(__always)
    static func apply(_ x: SIMD16<Float>) -> SIMD16<Float> { vectorPositivePart(x) }
}

private enum SiLU: LaneFunction {
    @inline(__always)
    static func apply(_ x: SIMD16<Float>) -> SIMD16<Float> {
        x / (SIMD16(repeating: 1) + vectorExp(SIMD16(repeating: 0) - x))
    }
}

extension LaneFunction {
    @inline(__always)
    static func replaceEach(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
        var i = 0
        while i &+ laneCount <= count {
            store(apply(load(values + i)), values + i)
            i &+= laneCount
        }
        if i < count { storeTail(apply(loadTail(values + i, count &- i)), values + i, count &- i) }
    }
}

extension Variant {
    /// GELU by the hyperbolic tangent, ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), in place (Hendrycks and Gimpel,
    /// arXiv:1606.08415).
    @inline(never)
    public static func geluByTanh(_ values: UnsafeMutablePointer<Float>, count: Int) {
        GELUByTanh.replaceEach(values, count)
    }

    /// GELU by the error function, ½ x (1 + erf(x / √2)), in place.
    @inline(never)
    public static func geluByErf(_ values: UnsafeMutablePointer<Float>, count: Int) {
        GELUByErf.replaceEach(values, count)
    }

    /// The greater of x and 0, in place; +0 for -0, and NaN stays NaN.
    @inline(never)
    public static func relu(_ values: UnsafeMutablePointer<Float>, count: Int) {
        ReLU.replaceEach(values, count)
    }

    /// x times the logistic function of x, x / (1 + e⁻ˣ), in place (Elfwing, Uchibe and Doya, arXiv:1702.03118); NaN for
    /// -infinity.
    @inline(never)
    public static func silu(_ values: UnsafeMutablePointer<Float>, count: Int) {
        SiLU.replaceEach(values, count)
    }

    /// Adds `other` to `values`, element by element.
    @inline(never)
    public static func add(_ other: UnsafePointer<Float>, to values: UnsafeMutablePointer<Float>, count: Int) {
        forEachLanes(count) { i in
            store(load(values + i) + load(other + i), values + i)
        } tail: { i, count in
            storeTail(loadTail(values + i, count) + loadTail(other + i, count), values + i, count)
        }
    }
}
