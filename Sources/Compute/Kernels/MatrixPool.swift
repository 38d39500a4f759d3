/// Memory for matrices that are made again and again: where nobody holds an earlier one any more, the next takes its
/// memory, for the system has to clear fresh memory first. It belongs to one thread.
public final class MatrixPool {
    private var memories: [AlignedMemory] = []

    /// So many memories are kept, and none larger than so many bytes.
    private static let capacity = 12
    private static let largest = 8 << 20

    public init() {}

    /// A matrix of any values.
    public func matrix(rows: Int, columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns, memory: memory(floatCount: rows * columns))
    }

    /// Room for so many floats.
    func memory(floatCount: Int) -> AlignedMemory {
        if let index = leastFree(of: floatCount * MemoryLayout<Float>.stride) { return memories[index] }
        let memory = Matrix(rows: 1, columns: floatCount).memory
        keep(memory)
        return memory
    }

    private func keep(_ memory: AlignedMemory) {
        guard memory.byteCount <= Self.largest else { return }
        if memories.count < Self.capacity { return memories.append(memory) }
        // The free ones are too small, so the least of them is of least use.
        if let least = leastFree(of: 0) { memories[least] = memory }
    }

    /// The least memory of so many bytes that nobody holds.
    private func leastFree(of byteCount: Int) -> Int? {
        var least: Int?
        for index in memories.indices where memories[index].byteCount >= byteCount {
            guard isKnownUniquelyReferenced(&memories[index]) else { continue }
            if memories[index].byteCount < least.map({ memories[$0].byteCount }) ?? .max { least = index }
        }
        return least
    }
}
