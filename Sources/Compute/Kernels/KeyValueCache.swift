/// Consecutive positions of one sequence in a batch, and the blocks that hold all its positions so far.
public struct CachedRows: Sendable {
    /// The rows of the batch, one for each position.
    public var rows: Range<Int>
    /// Absolute position of the first row.
    public var start: Int
    /// The sequence's blocks in order, for positions 0..<`start` + `rows.count`.
    public var blockTable: [Int32]

    public init(rows: Range<Int>, start: Int, blockTable: [Int32]) {
        (self.rows, self.start, self.blockTable) = (rows, start, blockTable)
    }
}

/// Keys and values of several layers in blocks of 16 positions.
///
/// Each layer has keys [block][head][head width][16], so that the scores of 16 positions are computed side by side, and
/// then values [block][head][16][head width, padded with zeros to a multiple of 16]. Neighbouring blocks of a sequence
/// thus form one stream of keys and one of values. Blocks that were never written cost no memory except for the
/// rounding of huge pages, a few megabytes a layer at most.
public final class KeyValueCache {
    /// Positions in a block.
    public static let blockPositions = 16

    public let layerCount: Int
    public let blockCount: Int
    public let headCount: Int
    public let headWidth: Int
    /// How keys and values are stored. They are rounded when stored, and the batch that stores them uses the rounded
    /// values too.
    public let type: CacheType
    let memory: AlignedMemory
    /// Bytes of one block's keys and of its values in a layer.
    private let stride: BlockStride

    /// Address space reserved, in bytes, whether used or not.
    public var byteCount: Int { memory.byteCount }

    /// Throws ``KernelsError/outOfMemory(byteCount:purpose:)``.
    public init(
        layerCount: Int, blockCount: Int, headCount: Int, headWidth: Int, type: CacheType = .f32
    ) throws(KernelsError) {
        precondition(layerCount > 0 && blockCount >= 0 && headCount > 0 && headWidth > 0, "size of a cache")
        guard let stride = BlockStride(headCount, headWidth, type),
            let size = product([stride.total, blockCount, layerCount])
        else { throw .outOfMemory(byteCount: nil, purpose: "the KV cache") }
        // A block's size is a multiple of a float's. Decode reads all blocks in use again and again, so huge pages
        // help.
        let floats = size / MemoryLayout<Float>.stride
        memory = try AlignedMemory(floatCount: floats, expectedDense: true, purpose: "the KV cache")
        self.stride = stride
        (self.layerCount, self.blockCount, self.type) = (layerCount, blockCount, type)
        (self.headCount, self.headWidth) = (headCount, headWidth)
    }

    /// Bytes of one block in one layer.
    public static func byteCountPerBlock(headCount: Int, headWidth: Int, type: CacheType = .f32) -> Int {
        BlockStride(headCount, headWidth, type)?.total ?? .max
    }

    /// Offsets in bytes of the keys and values of a layer's block 0.
    func offsets(layer: Int) -> (keys: Int, values: Int) {
        precondition(layer >= 0 && layer < layerCount, "layer of a cache")
        let start = layer * blockCount * stride.total
        return (start, start + blockCount * stride.keys)
    }

    /// Traps unless the rows lie in a matrix of `rowCount` rows and their blocks in the cache.
    func check(_ part: CachedRows, rowCount: Int) {
        precondition(
            part.start >= 0 && part.rows.lowerBound >= 0 && part.rows.upperBound <= rowCount, "rows of a batch")
        let needed = (part.start + part.rows.count + Self.blockPositions - 1) / Self.blockPositions
        precondition(part.blockTable.count >= needed, "block table")
        for index in 0..<needed { check(part.blockTable[index]) }
    }

    private func check(_ block: Int32) { precondition(block >= 0 && block < blockCount, "block of a cache") }

    /// Copies a block to another, in all layers.
    public func copyBlock(from source: Int32, to destination: Int32) {
        check(source)
        check(destination)
        guard source != destination else { return }
        let base = UnsafeMutableRawPointer(memory.floats)
        for layer in 0..<layerCount {
            let offsets = offsets(layer: layer)
            for (offset, stride) in [(offsets.keys, stride.keys), (offsets.values, stride.values)] {
                (base + (offset + Int(destination) * stride)).copyMemory(
                    from: base + (offset + Int(source) * stride), byteCount: stride)
            }
        }
    }
}

/// Bytes of a block in one layer.
private struct BlockStride {
    let keys: Int
    let values: Int
    let total: Int

    /// nil where a size overflows.
    init?(_ headCount: Int, _ headWidth: Int, _ type: CacheType) {
        let positions = KeyValueCache.blockPositions
        let (raised, overflow) = headWidth.addingReportingOverflow(positions - 1)
        guard !overflow,
            let keys = product([headWidth, positions, headCount, type.byteCount]),
            let values = product([raised / positions * positions, positions, headCount, type.byteCount])
        else { return nil }
        let (total, tooLarge) = keys.addingReportingOverflow(values)
        guard !tooLarge else { return nil }
        (self.keys, self.values, self.total) = (keys, values, total)
    }
}

/// nil where the product overflows.
private func product(_ factors: [Int]) -> Int? {
    var product = 1
    for factor in factors {
        let (next, overflow) = product.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        product = next
    }
    return product
}
