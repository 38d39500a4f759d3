import Synchronization

extension Backend {
    /// Calls `body` with each row of a matrix, on any of the threads, and returns the results in order.
    public func mapRows<Result: Sendable>(
        of matrix: Matrix, _ body: @escaping @Sendable (_ row: Int, _ values: Span<Float>) -> Result
    ) -> [Result] {
        let results = SharedResults([Result?](repeating: nil, count: matrix.rows))
        let (memory, columns) = (matrix.memory, matrix.columns)
        team.run(matrix.rows) { row in
            let values = UnsafeBufferPointer(start: memory.floats + row * columns, count: columns)
            let result = body(row, values.span)
            results.values.withLock { $0[row] = result }
        }
        return results.values.withLock { $0.compactMap(\.self) }
    }

    /// Whether none of the values is infinite or NaN.
    public func isFinite(_ matrix: Matrix) -> Bool {
        mapRows(of: matrix) { [kernels] _, values in
            values.withUnsafeBufferPointer { row in
                row.baseAddress.map { kernels.isFinite($0, count: row.count) } ?? true
            }
        }.allSatisfy(\.self)
    }
}

/// Results of several threads, each with a place of its own.
private final class SharedResults<Value: Sendable>: Sendable {
    let values: Mutex<[Value?]>

    init(_ values: [Value?]) { self.values = Mutex(values) }
}

extension Matrix {
    /// Whether none of the values is infinite or NaN.
    public var isFinite: Bool { Processor.kernels.isFinite(memory.floats, count: rows * columns) }

    /// A copy of the given rows.
    public func selecting(rows indices: [Int]) -> Matrix {
        let selection = Matrix(rows: indices.count, columns: columns)
        for (row, index) in indices.enumerated() {
            precondition(index >= 0 && index < rows, "row of a matrix")
            selection.pointer(row: row).update(from: pointer(row: index), count: columns)
        }
        return selection
    }
}
