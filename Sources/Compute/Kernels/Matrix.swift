/// A matrix of f32 values in row-major order: activations [rows, columns], logits, or a vector as one row.
///
/// It is a reference to its storage and belongs to one thread at a time. A ``Backend`` works on it only while that
/// thread waits.
public final class Matrix {
    /// Number of rows.
    public let rows: Int
    /// Number of columns.
    public let columns: Int
    let memory: AlignedMemory

    /// A matrix of zeros. Traps if there is no memory, as an array does: check sizes that come from outside first.
    public init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "negative size of a matrix")
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        precondition(!overflow, "size of a matrix")
        do {
            memory = try AlignedMemory(floatCount: count, expectedDense: true, purpose: "a matrix")
        } catch {
            fatalError(error.description)
        }
        (self.rows, self.columns) = (rows, columns)
    }

    /// A matrix over existing memory, with the values it holds.
    init(rows: Int, columns: Int, memory: AlignedMemory) {
        precondition(rows >= 0 && columns >= 0 && memory.byteCount / 4 >= rows * columns, "memory of a matrix")
        (self.rows, self.columns, self.memory) = (rows, columns, memory)
    }

    /// A matrix from little-endian f32 values at any alignment. Throws
    /// ``KernelsError/wrongByteCount(found:rows:columns:)`` before it allocates anything.
    public convenience init(littleEndianF32 bytes: RawSpan, rows: Int, columns: Int) throws(KernelsError) {
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        let (size, tooLarge) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        guard rows >= 0, columns >= 0, !overflow, !tooLarge, size == bytes.byteCount else {
            throw .wrongByteCount(found: bytes.byteCount, rows: rows, columns: columns)
        }
        self.init(rows: rows, columns: columns)
        bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(storage).copyMemory(from: $0) }
    }

    /// A matrix from little-endian f32 values. Throws ``KernelsError/wrongByteCount(found:rows:columns:)``.
    public convenience init(littleEndianF32 bytes: [UInt8], rows: Int, columns: Int) throws(KernelsError) {
        try self.init(littleEndianF32: bytes.span.bytes, rows: rows, columns: columns)
    }

    /// A matrix of one row.
    public convenience init(row values: [Float]) {
        self.init(rows: 1, columns: values.count)
        _ = storage.update(fromContentsOf: values)
    }

    /// All values as little-endian f32 in row-major order.
    public func bytes() -> [UInt8] { [UInt8](UnsafeRawBufferPointer(storage)) }

    /// The values of one row.
    public func row(_ index: Int) -> [Float] {
        precondition(index >= 0 && index < rows, "row of a matrix")
        return [Float](UnsafeBufferPointer(start: pointer(row: index), count: columns))
    }

    /// Calls `body` with the values of one row, without a copy. Throws what `body` throws.
    public func withRow<Result, Failure: Error>(
        _ index: Int, _ body: (Span<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(index >= 0 && index < rows, "row of a matrix")
        return try body(UnsafeBufferPointer(start: pointer(row: index), count: columns).span)
    }

    /// Calls `body` with all values in row-major order, to change them. Throws what `body` throws.
    public func withMutableValues<Result, Failure: Error>(
        _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var span = storage.mutableSpan
        return try body(&span)
    }

    /// Memory held, in bytes.
    public var byteCount: Int { memory.byteCount }

    var storage: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: memory.floats, count: rows * columns)
    }

    func pointer(row: Int) -> UnsafeMutablePointer<Float> { memory.floats + row * columns }
}
