import CSIMD

extension Variant {
    /// Normalises each row of `input` [rows, width] to mean 0 and variance 1, multiplies by `scale`, adds `shift`, and
    /// writes it to `output` [rows, width].
    ///
    /// Mean and variance are sums of 16 lanes over ascending index, added by the fixed tree.
    @inline(never)
    public static func layerNorm(
        _ input: UnsafePointer<Float>, rows: Int, width: Int, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
        epsilon: Float, _ output: UnsafeMutablePointer<Float>
    ) {
        for row in 0..<rows {
            let x = input + row &* width
            let y = output + row &* width
            let mean = SIMD16(repeating: sum(x, width) / Float(width))
            let variance = sumOfSquares(x, width, mean) / Float(width)
            let factor = SIMD16(repeating: 1 / csimd_sqrt_f32(variance + epsilon))
            forEachLanes(width) { i in
                store(load(shift + i).addingProduct((load(x + i) - mean) * factor, load(scale + i)), y + i)
            } tail: { i, count in
                let normal = (loadTail(x + i, count) - mean) * factor
                storeTail(loadTail(shift + i, count).addingProduct(normal, loadTail(scale + i, count)), y + i, count)
            }
        }
    }
}

@inline(__always)
private func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var lanes = SIMD16<Float>.zero
    forEachLanes(count) {
        lanes += load(x + $0)
    } tail: {
        lanes += loadTail(x + $0, $1)
    }
    return sum16(lanes)
}

/// The sum of (x - mean)².
@inline(__always)
private func sumOfSquares(_ x: UnsafePointer<Float>, _ count: Int, _ mean: SIMD16<Float>) -> Float {
    var lanes = SIMD16<Float>.zero
    forEachLanes(count) { i in
        let difference = load(x + i) - mean
        lanes = lanes.addingProduct(difference, difference)
    } tail: { i, count in
        var difference = loadTail(x + i, count) - mean
        for lane in count..<laneCount { difference[lane] = 0 }
        lanes = lanes.addingProduct(difference, difference)
    }
    return sum16(lanes)
}
