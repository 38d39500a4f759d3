extension StoredElement {
    /// `count` numbers, a multiple of 16, as floats: where they are if they are floats already, else in `room`.
    @inline(__always)
    static func widened(
        _ pointer: UnsafeRawPointer, count: Int, _ room: UnsafeMutablePointer<Float>
    ) -> UnsafeRawPointer {
        guard byteCount < F32.byteCount else { return pointer }
        widen(pointer, room, count)
        return UnsafeRawPointer(room)
    }
}

/// The blocks of one sequence in one layer: 16 positions each and, for each head, keys [width][16 positions], then values
/// [16 positions][width, filled up to a multiple of 16].
struct HeadBlocks<Element: StoredElement> {
    /// Block 0 of the layer.
    let base: UnsafeRawPointer
    /// Bytes from one block to the next.
    let stride: Int
    let table: UnsafePointer<Int32>
    let width: Int
    let head: Int

    @inline(__always)
    var paddedWidth: Int { (width &+ laneCount &- 1) & ~(laneCount &- 1) }

    /// Those of the next head, or of this one where it is the last in a block.
    @inline(__always)
    var nextHead: HeadBlocks {
        let isLast = (head &+ 1) &* headStride == stride
        return HeadBlocks(base: base, stride: stride, table: table, width: width, head: isLast ? head : head &+ 1)
    }

    /// Bytes from one head to the next.
    @inline(__always)
    private var headStride: Int { (width &+ paddedWidth) &* laneCount &* Element.byteCount }

    /// The keys of the sequence's block `index`.
    @inline(__always)
    func keys(_ index: Int) -> UnsafeRawPointer {
        base + (Int(table[index]) &* stride &+ head &* headStride)
    }

    /// The values of the sequence's block `index`.
    @inline(__always)
    func values(_ index: Int) -> UnsafeRawPointer { keys(index) + width &* laneCount &* Element.byteCount }
}
