extension StoredElement {
    /// `count` elements, a multiple of 16, as f32: the stored ones if they are f32 already, else a copy in `scratch`.
    @inline(__always)
    static func widened(
        _ pointer: UnsafeRawPointer, count: Int, _ scratch: UnsafeMutablePointer<Float>
    ) -> UnsafeRawPointer {
        guard byteCount < F32.byteCount else { return pointer }
        widen(pointer, scratch, count)
        return UnsafeRawPointer(scratch)
    }
}

/// The cache blocks of one sequence in one layer, 16 positions each.
///
/// The keys of all blocks are in one region and the values in another, so that each is a single stream to read. In a
/// block, each head has keys [width][16 positions] and values [16 positions][width, padded to a multiple of 16].
struct SequenceBlocks<Element: StoredElement> {
    /// The keys of the layer's block 0.
    let keys: UnsafeMutableRawPointer
    let values: UnsafeMutableRawPointer
    let table: UnsafePointer<Int32>
    let headCount: Int
    let width: Int

    @inline(__always)
    var paddedWidth: Int { (width &+ laneCount &- 1) & ~(laneCount &- 1) }

    /// Bytes of one head's keys in a block.
    @inline(__always)
    var keyBytes: Int { width &* laneCount &* Element.byteCount }

    /// Bytes of one head's values in a block.
    @inline(__always)
    var valueBytes: Int { paddedWidth &* laneCount &* Element.byteCount }

    /// The keys of a head in the sequence's block `index`.
    @inline(__always)
    func keys(_ index: Int, _ head: Int) -> UnsafeMutableRawPointer {
        keys + (Int(table[index]) &* headCount &+ head) &* keyBytes
    }

    /// The values of a head in the sequence's block `index`.
    @inline(__always)
    func values(_ index: Int, _ head: Int) -> UnsafeMutableRawPointer {
        values + (Int(table[index]) &* headCount &+ head) &* valueBytes
    }
}
