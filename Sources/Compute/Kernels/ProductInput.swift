/// The input of a product [rows, depth]: floats and, for quantized weights, the same values as signed bytes. A step
/// that writes floats quantizes them at once, while they are in the caches.
public struct ProductInput {
    /// The floats. After a product of many rows whose successor takes bytes they are unspecified.
    public let values: Matrix
    /// The same buffers as threads share them.
    let prepared: PreparedRows

    /// An uninitialised input for weights of a type.
    public init(rows: Int, depth: Int, for type: PackedType, from pool: MatrixPool) {
        self.init(pool.matrix(rows: rows, columns: depth), for: type, from: pool)
    }

    /// An input of existing values. For quantized weights, quantize them with ``Backend/quantize(_:)``.
    public init(_ values: Matrix, for type: PackedType, from pool: MatrixPool) {
        self.values = values
        prepared = PreparedRows(
            floats: values.memory, rows: values.rows, depth: values.columns, type: type,
            quantized: type.groupSize.map { size in
                let groups = (values.columns + size - 1) / size
                let byteCount = values.rows * groups * Processor.kernels.recordBytes(groupSize: size)
                return pool.memory(floatCount: (byteCount + 3) / 4)
            })
    }
}

/// The input of a product as threads share it: they write disjoint parts, and read only after all parts are written.
struct PreparedRows: Sendable {
    let floats: AlignedMemory
    let rows: Int
    let depth: Int
    let type: PackedType
    /// The same rows quantized, in the kernels' layout.
    let quantized: AlignedMemory?

    /// Neighbouring columns that one thread prepares together.
    var columnsTogether: Int { type.groupSize ?? 1 }

    /// Prepares floats that have just been written: whole groups of columns, or up to the last column.
    func prepare(rows: Range<Int>, columns: Range<Int>, _ kernels: any KernelSet.Type) {
        prepare(rows: rows, columns: columns, of: floats.floats + columns.lowerBound, stride: depth, kernels)
    }

    /// The same for floats elsewhere: `values` points to the first of the columns in row 0; rows are `stride` apart.
    func prepare(
        rows: Range<Int>, columns: Range<Int>, of values: UnsafePointer<Float>, stride: Int,
        _ kernels: any KernelSet.Type
    ) {
        guard let quantized else { return }
        let group = columns.lowerBound / columnsTogether
        let recordBytes = kernels.recordBytes(groupSize: columnsTogether)
        kernels.quantize(
            values, rows: self.rows, stride: stride, count: columns.count, type: type.code, rowRange: rows,
            UnsafeMutableRawPointer(quantized.floats) + group * self.rows * recordBytes)
    }
}
