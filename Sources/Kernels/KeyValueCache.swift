/// Some consecutive positions of one sequence in a batch, and the blocks that hold all its positions so far.
public struct CachedRows: Sendable {
    /// The rows of the batch, one a position.
    public var rows: Range<Int>
    /// Absolute position of the first row.
    public var start: Int
    /// The sequence's blocks in order, for positions 0..<`start` + `rows.count`.
    public var blockTable: [Int32]

    public init(rows: Range<Int>, start: Int, blockTable: [Int32]) {
        (self.rows, self.start, self.blockTable) = (rows, start, blockTable)
    }
}

/// Keys and values of some layers in blocks of 16 positions, [layer][block][head][K or V][16][head width, filled up with
/// zeros to a multiple of 16]. Blocks that were never written cost no memory.
public final class KeyValueCache {
    /// Positions in a block.
    public static let blockPositions = 16

    public let layerCount: Int
    public let blockCount: Int
    public let headCount: Int
    public let headWidth: Int
    let paddedWidth: Int
    let memory: AlignedMemory

    /// Address space held, in bytes, used or not.
    public var byteCount: Int { memory.byteCount }

    /// Throws ``KernelsError/outOfMemory(byteCount:purpose:)``.
    public init(layerCount: Int, blockCount: Int, headCount: Int, headWidth: Int) throws(KernelsError) {
        precondition(layerCount > 0 && blockCount >= 0 && headCount > 0 && headWidth > 0, "size of a cache")
        let (padded, overflow) = headWidth.addingReportingOverflow(15)
        guard !overflow,
            let size = Self.floatCount([2, Self.blockPositions, headCount, padded / 16 * 16, blockCount, layerCount])
        else { throw .outOfMemory(byteCount: nil, purpose: "the KV cache") }
        memory = try AlignedMemory(floatCount: size, expectedDense: false, purpose: "the KV cache")
        paddedWidth = padded / 16 * 16
        (self.layerCount, self.blockCount) = (layerCount, blockCount)
        (self.headCount, self.headWidth) = (headCount, headWidth)
    }

    /// Bytes of one block in one layer.
    public static func byteCountPerBlock(headCount: Int, headWidth: Int) -> Int {
        floatCount([2, blockPositions, headCount, (headWidth + 15) / 16 * 16, MemoryLayout<Float>.size]) ?? .max
    }

    private static func floatCount(_ factors: [Int]) -> Int? {
        var product = 1
        for factor in factors {
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }

    /// Floats from the keys of one head to those of the next.
    var headStride: Int { 2 * Self.blockPositions * paddedWidth }

    /// Floats from one block to the next.
    var blockStride: Int { headCount * headStride }

    /// The first float of a layer's block 0.
    func offset(layer: Int) -> Int {
        precondition(layer >= 0 && layer < layerCount, "layer of a cache")
        return layer * blockCount * blockStride
    }

    func check(_ table: ArraySlice<Int32>) {
        precondition(table.allSatisfy { $0 >= 0 && $0 < blockCount }, "block of a cache")
    }

    /// Stores keys and values of a batch, columns width..<3 × width of `projection` [rows, 3 × width], in its blocks.
    public func store(_ projection: Matrix, layer: Int, _ batch: [CachedRows]) {
        let width = headCount * headWidth
        precondition(projection.columns == 3 * width, "columns of a projection")
        let base = memory.floats + offset(layer: layer)
        for part in batch {
            precondition(part.rows.lowerBound >= 0 && part.rows.upperBound <= projection.rows, "rows of a projection")
            for (index, row) in part.rows.enumerated() {
                let position = part.start + index
                let block = part.blockTable[position / Self.blockPositions]
                precondition(block >= 0 && block < blockCount, "block of a cache")
                let source = projection.pointer(row: row)
                var keys = base + Int(block) * blockStride + position % Self.blockPositions * paddedWidth
                for head in 0..<headCount {
                    keys.update(from: source + width + head * headWidth, count: headWidth)
                    let values = keys + Self.blockPositions * paddedWidth
                    values.update(from: source + 2 * width + head * headWidth, count: headWidth)
                    keys += headStride
                }
            }
        }
    }

    /// Copies a block to another, in all layers.
    public func copyBlock(from source: Int32, to destination: Int32) {
        check([source, destination])
        guard source != destination else { return }
        for layer in 0..<layerCount {
            let base = memory.floats + offset(layer: layer)
            (base + Int(destination) * blockStride).update(from: base + Int(source) * blockStride, count: blockStride)
        }
    }
}
