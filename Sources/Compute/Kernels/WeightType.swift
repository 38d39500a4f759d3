/// Types of stored weights that widen to f32 without rounding.
public enum WeightType: Sendable, CaseIterable {
    case f32, f16, bf16

    /// Size of one weight in bytes.
    public var byteCount: Int { self == .f32 ? 4 : 2 }

    package func widen(
        _ source: UnsafeRawPointer, _ destination: UnsafeMutablePointer<Float>, count: Int,
        _ kernels: any KernelSet.Type = Processor.kernels
    ) {
        switch self {
        case .f32: kernels.widenF32(source, destination, count: count)
        case .f16: kernels.widenF16(source, destination, count: count)
        case .bf16: kernels.widenBF16(source, destination, count: count)
        }
    }

    /// The number that identifies the type to kernels.
    var code: Int32 {
        switch self {
        case .f32: 0
        case .f16: 1
        case .bf16: 2
        }
    }
}

extension Matrix {
    /// A matrix [rows, columns] from stored weights at any alignment. Throws
    /// ``KernelsError/wrongByteCount(found:rows:columns:)``.
    public convenience init(_ bytes: RawSpan, type: WeightType, rows: Int, columns: Int) throws(KernelsError) {
        guard rows >= 0, columns >= 0, bytes.byteCount == storedByteCount(type, rows, columns) else {
            throw .wrongByteCount(found: bytes.byteCount, rows: rows, columns: columns)
        }
        self.init(rows: rows, columns: columns)
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            type.widen(start, memory.floats, count: rows * columns)
        }
    }

    /// Replaces row `row` by row `index` of a table of stored weights [any number, columns], or adds the table's row to
    /// it.
    public func lookUp(_ index: Int, in table: RawSpan, type: WeightType, row: Int, adding: Bool) {
        precondition(row >= 0 && row < rows && columns > 0, "row of a matrix")
        let rowBytes = columns * type.byteCount
        precondition(index >= 0 && index < table.byteCount / rowBytes, "row of a table")
        table.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            guard adding else { return type.widen(start + index * rowBytes, pointer(row: row), count: columns) }
            withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { values in
                guard let values = values.baseAddress else { return }
                type.widen(start + index * rowBytes, values, count: columns)
                Processor.kernels.add(values, to: pointer(row: row), count: columns)
            }
        }
    }
}

/// Size in bytes of stored weights [rows, columns]; nil if it overflows.
func storedByteCount(_ type: WeightType, _ rows: Int, _ columns: Int) -> Int? {
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    let (size, tooLarge) = count.multipliedReportingOverflow(by: type.byteCount)
    return overflow || tooLarge ? nil : size
}
