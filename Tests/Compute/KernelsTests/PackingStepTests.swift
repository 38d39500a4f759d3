import Kernels
import Testing

@Suite("Packing a large table")
struct PackingStepTests {
    @Test(
        "step by step gives the same panels, and says what was read, once and in order", arguments: PackedType.allCases)
    func steps(type: PackedType) throws {
        // A little more than the 16 MiB of a step, which are 2048 columns.
        let (depth, columns) = (4096, 2100)
        let backend = try Backend(threadCount: 3)
        let values = (0..<depth * columns).map { Float16(Float($0 &* 7919 % 2003 - 1001) / 512) }
        var read: [Range<Int>] = []
        let whole = try PackedMatrix(
            values.span.bytes, type: .f16, layout: .outputMajor, depth: depth, columns: columns, as: type,
            backend: backend,
            read: { read.append($0) })
        #expect(read == [0..<16 << 20, 16 << 20..<2 * depth * columns])

        let panel = try #require(PackedMatrix.byteCount(type, depth: depth, columns: 16))
        let across = Array(values[2032 * depth..<2064 * depth])
        let part = try PackedMatrix(
            across.span.bytes, type: .f16, layout: .outputMajor, depth: depth, columns: 32, as: type, backend: backend)
        whole.withBytes { whole in
            part.withBytes { part in
                let expected = part.withUnsafeBytes { Array($0) }
                let found = whole.extracting(127 * panel..<129 * panel).withUnsafeBytes { Array($0) }
                #expect(found == expected)
            }
        }
    }
}
