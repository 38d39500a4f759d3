/// Activations as signed bytes with a scale for each row and group, while a product with quantized weights lasts.
///
/// Unchecked, for the pointers: threads write disjoint groups, and only read once all are there.
struct QuantizedRows: @unchecked Sendable {
    /// [groups][rows][group size].
    let bytes: UnsafeMutablePointer<Int8>
    /// [groups][rows].
    let scales: UnsafeMutablePointer<Float>
    /// [groups][rows]: where sums of products with biased weights begin.
    let starts: UnsafeMutablePointer<Int32>
    let groups: Int
    private let rows: Int

    /// Calls `body` with room for so many rows.
    static func withRoom(rows: Int, depth: Int, groupSize: Int, _ body: (QuantizedRows) -> Void) {
        let groups = (depth + groupSize - 1) / groupSize
        let (byteCount, count) = (rows * groups * groupSize, rows * groups)
        withUnsafeTemporaryAllocation(byteCount: byteCount + 8 * count, alignment: 64) { room in
            guard let start = room.baseAddress else { return }
            body(
                QuantizedRows(
                    bytes: start.bindMemory(to: Int8.self, capacity: byteCount),
                    scales: (start + byteCount).bindMemory(to: Float.self, capacity: count),
                    starts: (start + byteCount + 4 * count).bindMemory(to: Int32.self, capacity: count),
                    groups: groups, rows: rows))
        }
    }

    /// Quantizes some groups of all rows of an input [rows, depth].
    func quantize(
        _ input: UnsafePointer<Float>, groups: Range<Int>, depth: Int, _ type: PackedType, _ kernels: any KernelSet.Type
    ) {
        kernels.quantize(
            input, rows: rows, depth: depth, type: type.code, groups: groups, bytes: bytes, scales: scales,
            starts: starts)
    }
}
