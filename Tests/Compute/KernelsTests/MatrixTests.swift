import Kernels
import Testing

@Suite("Matrix")
struct MatrixTests {
    @Test("bytes are little-endian f32, row after row, and come back as they were")
    func bytes() throws {
        let matrix = Matrix([1, -2, 3, 4, 5, 0.5], rows: 2, columns: 3)
        #expect(Array(matrix.bytes().prefix(8)) == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
        let copy = try Matrix(littleEndianF32: matrix.bytes(), rows: 2, columns: 3)
        #expect(copy.row(0) == [1, -2, 3])
        #expect(copy.row(1) == [4, 5, 0.5])
    }

    @Test("bytes that are too few, too many or beyond counting are refused")
    func wrongBytes() {
        let bytes = [UInt8](repeating: 0, count: 24)
        let shapes = [(2, 2), (4, 2), (-2, -3), (.max, .max), (.max, 4), (1 << 61, 8), (0, 1)]
        for (rows, columns) in shapes {
            #expect(throws: KernelsError.wrongByteCount(found: 24, rows: rows, columns: columns)) {
                _ = try Matrix(littleEndianF32: bytes, rows: rows, columns: columns)
            }
        }
    }

    @Test("an empty matrix is allowed")
    func empty() throws {
        #expect(try Matrix(littleEndianF32: [], rows: 0, columns: 7).bytes().isEmpty)
        #expect(Matrix(rows: 3, columns: 0).row(2).isEmpty)
    }

    @Test("rows are selected in any order, and more than once")
    func selection() {
        let matrix = Matrix([1, 2, 3, 4, 5, 6], rows: 3, columns: 2)
        #expect(matrix.selecting(rows: [2, 0, 2]).allValues == [5, 6, 1, 2, 5, 6])
    }

    @Test("this processor runs the kernels")
    func processor() throws { try Processor.requireSupported() }

    @Test("rows that are handed to threads give their results in order", arguments: 1...5)
    func mappedRows(threads: Int) throws {
        let backend = try Backend(threadCount: threads)
        for rows in [0, 1, 2, 33] {
            let matrix = Matrix((0..<rows * 3).map(Float.init), rows: rows, columns: 3)
            let sums = backend.mapRows(of: matrix) { row, values in [row, Int(values[0] + values[1] + values[2])] }
            #expect(sums == (0..<rows).map { [$0, 9 * $0 + 3] })
            #expect(backend.isFinite(matrix))
            for row in 0..<rows {
                matrix.withMutableValues { $0[3 * row + row % 3] = .infinity }
                #expect(!backend.isFinite(matrix))
                matrix.withMutableValues { $0[3 * row + row % 3] = 0 }
            }
        }
    }
}
