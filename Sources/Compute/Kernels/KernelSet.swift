/// The kernels of one instruction set. A kernel is looked up once for each range of work, not for each row, so that
/// dynamic dispatch costs nothing. No SIMD type passes between modules, because its layout depends on the instruction
/// set.
///
/// Sources/Compute/KernelSources/ documents each kernel and the shapes it takes. Types of weights are numbers there, as
/// on the wire: f32 0, f16 1, bf16 2, int8 3, int4 4.
package protocol KernelSet: SendableMetatype {
    static func matrixProduct(
        _ input: UnsafePointer<Float>, rows: Int, depth: Int, panels: UnsafeRawPointer, type: Int32, panelStride: Int,
        panelRange: Range<Int>, bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>, columns: Int)
    static func quantize(
        _ input: UnsafePointer<Float>, rows: Int, stride: Int, count: Int, type: Int32, rowRange: Range<Int>,
        _ records: UnsafeMutableRawPointer)
    static func quantizedProduct(
        _ records: UnsafeRawPointer, rows: Int, depth: Int, panels: UnsafeRawPointer, type: Int32,
        panelStride: Int, scaleBytes: Int, panelRange: Range<Int>, bias: UnsafePointer<Float>?,
        _ output: UnsafeMutablePointer<Float>, columns: Int)
    /// Bytes of a row's record in quantized rows, for the given group size.
    static func recordBytes(groupSize: Int) -> Int
    /// How many neighbouring panels a product with so many rows processes at a time.
    static func panelsAtATime(rows: Int, type: Int32) -> Int
    static func packPanels(
        _ source: UnsafeRawPointer, storedType: Int32, outputMajor: Bool, depth: Int, columns: Int, panels: Range<Int>,
        packedType: Int32, panelStride: Int, scaleBytes: Int, _ destination: UnsafeMutableRawPointer)
    static func lookUpColumn(
        _ panels: UnsafeRawPointer, type: Int32, panelStride: Int, scaleBytes: Int, depth: Int, column: Int,
        _ output: UnsafeMutablePointer<Float>)
    static func attention(
        _ queries: UnsafePointer<Float>, stride: Int, rows: Int, start: Int, heads: Range<Int>, headCount: Int,
        width: Int, scale: Float, keys: UnsafeMutableRawPointer, values: UnsafeMutableRawPointer, halfPrecision: Bool,
        blockTable: UnsafePointer<Int32>, storing new: (keys: UnsafePointer<Float>, values: UnsafePointer<Float>)?,
        _ output: UnsafeMutablePointer<Float>, outputStride: Int)
    static func storeKeysAndValues(
        _ keys: UnsafePointer<Float>, _ values: UnsafePointer<Float>, stride: Int, rows: Int, start: Int,
        heads: Range<Int>, headCount: Int, width: Int, keyBlocks: UnsafeMutableRawPointer,
        valueBlocks: UnsafeMutableRawPointer, halfPrecision: Bool, blockTable: UnsafePointer<Int32>)
    static func layerNorm(
        _ input: UnsafePointer<Float>, rows: Int, width: Int, scale: UnsafePointer<Float>,
        shift: UnsafePointer<Float>, epsilon: Float, _ output: UnsafeMutablePointer<Float>)
    static func geluByTanh(_ values: UnsafeMutablePointer<Float>, count: Int)
    static func geluByErf(_ values: UnsafeMutablePointer<Float>, count: Int)
    static func relu(_ values: UnsafeMutablePointer<Float>, count: Int)
    static func silu(_ values: UnsafeMutablePointer<Float>, count: Int)
    static func add(_ other: UnsafePointer<Float>, to values: UnsafeMutablePointer<Float>, count: Int)

    static func widenF32(_ source: UnsafeRawPointer, _ destination: UnsafeMutablePointer<Float>, count: Int)
    static func widenF16(_ source: UnsafeRawPointer, _ destination: UnsafeMutablePointer<Float>, count: Int)
    static func widenBF16(_ source: UnsafeRawPointer, _ destination: UnsafeMutablePointer<Float>, count: Int)

    static func readStream(_ bytes: UnsafeRawPointer, count: Int) -> UInt64
    static func multiplyAddPeak(rounds: Int, factor: Float) -> Float
    static func dotPeak(rounds: Int, operands: UnsafeRawPointer) -> Int32
    static var multiplyAddsPerRound: (floats: Int, bytes: Int) { get }

    static func exponential(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int)
    static func logarithm(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int)
    static func hyperbolicTangent(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int)
    static func errorFunction(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int)
    static func shiftedQuotient(
        _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int, offset: Float, divisor: Float)
    static func maximum(_ values: UnsafePointer<Float>, count: Int) -> Float
    static func sumOfExponentials(_ values: UnsafePointer<Float>, count: Int, offset: Float) -> Float
    static func isFinite(_ values: UnsafePointer<Float>, count: Int) -> Bool

    static func gumbelNoise(
        tokens: UnsafePointer<Int32>, _ output: UnsafeMutablePointer<Float>, count: Int, key: UInt64,
        counter: (UInt32, UInt32, UInt32))
    static func gumbelNoise(high: UInt32, low: UInt32) -> Float
    static func philox4x32(
        counter: (UInt32, UInt32, UInt32, UInt32), key: UInt64
    ) -> (UInt32, UInt32, UInt32, UInt32)
}
