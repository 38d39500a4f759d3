/// Activations as signed bytes with a scale for each row and group, while a product with quantized weights lasts.
///
/// Unchecked, for the pointers: threads write disjoint rows, and only read once all rows are there.
struct QuantizedRows: @unchecked Sendable {
    /// [rows][groups × group size].
    let bytes: UnsafeMutablePointer<Int8>
    /// [rows][groups].
    let scales: UnsafeMutablePointer<Float>
    /// [rows][groups]: where sums of products with biased weights begin.
    let starts: UnsafeMutablePointer<Int32>
    private let groups: Int
    private let groupSize: Int

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
                    groups: groups, groupSize: groupSize))
        }
    }

    /// Quantizes some rows of an input [rows, depth].
    func quantize(
        _ input: UnsafePointer<Float>, _ rows: Range<Int>, depth: Int, _ type: PackedType,
        _ kernels: any KernelSet.Type
    ) {
        let first = rows.lowerBound
        kernels.quantize(
            input + first * depth, rows: rows.count, depth: depth, type: type.code,
            bytes: bytes + first * groups * groupSize, scales: scales + first * groups, starts: starts + first * groups)
    }
}
