/// Recycles the memory of short-lived matrices: a new matrix takes the memory of an earlier one that is no longer in
/// use, because the system has to clear fresh memory first. A pool belongs to one thread.
public final class MatrixPool {
    private var memories: [AlignedMemory] = []

    /// The most buffers that are kept, and the size in bytes of the largest one.
    private static let capacity = 12
    private static let largest = 8 << 20

    public init() {}

    /// An uninitialised matrix: it may hold values of earlier ones.
    public func matrix(rows: Int, columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns, memory: memory(floatCount: rows * columns))
    }

    /// Memory for so many floats, uninitialised.
    func memory(floatCount: Int) -> AlignedMemory {
        if let index = leastFree(of: floatCount * MemoryLayout<Float>.stride) { return memories[index] }
        let memory = Matrix(rows: 1, columns: floatCount).memory
        keep(memory)
        return memory
    }

    private func keep(_ memory: AlignedMemory) {
        guard memory.byteCount <= Self.largest else { return }
        if memories.count < Self.capacity { return memories.append(memory) }
        // All free buffers are too small; the smallest is the least useful.
        if let least = leastFree(of: 0) { memories[least] = memory }
    }

    /// The smallest buffer of at least `byteCount` bytes that is not in use.
    private func leastFree(of byteCount: Int) -> Int? {
        var least: Int?
        for index in memories.indices where memories[index].byteCount >= byteCount {
            guard isKnownUniquelyReferenced(&memories[index]) else { continue }
            if memories[index].byteCount < least.map({ memories[$0].byteCount }) ?? .max { least = index }
        }
        return least
    }
}
