import Kernels
import Testing

@Suite("A pool of matrices")
struct MatrixPoolTests {
    /// Room of its own, so that the same address means the same memory.
    private func address(_ matrix: Matrix) -> UInt {
        matrix.withRow(0) { row in row.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } }
    }

    @Test("hands out the memory of a matrix that nobody holds any more, also for a smaller one")
    func again() {
        let pool = MatrixPool()
        let first = address(pool.matrix(rows: 8, columns: 100))
        #expect(address(pool.matrix(rows: 8, columns: 100)) == first)
        #expect(address(pool.matrix(rows: 3, columns: 50)) == first)
    }

    @Test("never hands out memory that a matrix still has")
    func apart() {
        let pool = MatrixPool()
        let held = (0..<20).map { _ in pool.matrix(rows: 4, columns: 100) }
        for (index, matrix) in held.enumerated() {
            matrix.withMutableValues { values in
                for place in values.indices { values[place] = Float(index) }
            }
        }
        for (index, matrix) in held.enumerated() {
            #expect(matrix.row(3) == [Float](repeating: Float(index), count: 100))
        }
    }

    @Test("gives a matrix of the size that is asked for, whatever it has")
    func sizes() {
        let pool = MatrixPool()
        for (rows, columns) in [(1, 10), (100, 10), (2, 3), (2_000, 2_000), (1, 1)] {
            let matrix = pool.matrix(rows: rows, columns: columns)
            #expect(matrix.rows == rows && matrix.columns == columns && matrix.row(rows - 1).count == columns)
        }
    }
}
