extension Variant {
    /// Stores keys and values of consecutive positions of one sequence, from `start` on, in the heads `heads`.
    ///
    /// `keys` and `values` are [rows][heads × width], with rows `stride` floats apart. They go to the layer's blocks;
    /// block 0 has its keys at `keyBlocks` and its values at `valueBlocks`, see ``SequenceBlocks``. Elements there are
    /// f16 if `halfPrecision`, to which values are rounded, else f32.
    @inline(never)
    public static func storeKeysAndValues(
        _ keys: UnsafePointer<Float>, _ values: UnsafePointer<Float>, stride: Int, rows: Int, start: Int,
        heads: Range<Int>, headCount: Int, width: Int, keyBlocks: UnsafeMutableRawPointer,
        valueBlocks: UnsafeMutableRawPointer, halfPrecision: Bool, blockTable: UnsafePointer<Int32>
    ) {
        let source = StoredRows(keys: keys, values: values, stride: stride, count: rows, start: start)
        func store<Element: StoredElement>(_: Element.Type) {
            let blocks = SequenceBlocks<Element>(
                keys: keyBlocks, values: valueBlocks, table: blockTable, headCount: headCount, width: width)
            for head in heads { source.storeRows(blocks, head) }
        }
        if halfPrecision { store(F16.self) } else { store(F32.self) }
    }
}

/// Rows of keys and values that are to be stored.
struct StoredRows {
    let keys: UnsafePointer<Float>
    let values: UnsafePointer<Float>
    let stride: Int
    let count: Int
    let start: Int

    @inline(__always)
    func storeRows<Element>(_ blocks: SequenceBlocks<Element>, _ head: Int) {
        for row in 0..<count {
            storeKey(blocks, head, row: row)
            storeValue(blocks, head, row: row)
        }
    }

    @inline(__always)
    func storeKey<Element>(_ blocks: SequenceBlocks<Element>, _ head: Int, row: Int = 0) {
        let (block, lane) = blockAndLane(row)
        let key = keys + (row &* stride &+ head &* blocks.width)
        let place = blocks.keys(block, head) + lane &* Element.byteCount
        forEachLanes(blocks.width) { index in
            scatter(Element.self, load(key + index), place, index, laneCount)
        } tail: { index, count in
            scatter(Element.self, loadTail(key + index, count), place, index, count)
        }
    }

    @inline(__always)
    func storeValue<Element>(_ blocks: SequenceBlocks<Element>, _ head: Int, row: Int = 0) {
        let (block, lane) = blockAndLane(row)
        let value = values + (row &* stride &+ head &* blocks.width)
        let place = blocks.values(block, head) + lane &* blocks.paddedWidth &* Element.byteCount
        forEachLanes(blocks.width) { index in
            Element.store16(load(value + index), place + index &* Element.byteCount)
        } tail: { index, count in
            Element.store16(loadTail(value + index, count), place + index &* Element.byteCount)
        }
    }

    @inline(__always)
    private func blockAndLane(_ row: Int) -> (block: Int, lane: Int) {
        ((start &+ row) / laneCount, (start &+ row) % laneCount)
    }

    /// Stores the first `count` lanes as elements `index` and following of a position's key. Elements of a key are 16
    /// positions apart.
    @inline(__always)
    private func scatter<Element: StoredElement>(
        _: Element.Type, _ lanes: SIMD16<Float>, _ key: UnsafeMutableRawPointer, _ index: Int, _ count: Int
    ) {
        var numbers = SIMD16<Float>.zero
        withUnsafeMutableBytes(of: &numbers) { bytes in
            let numbers = bytes.baseAddress!
            Element.store16(lanes, numbers)
            for i in 0..<count {
                let place = key + (index &+ i) &* laneCount &* Element.byteCount
                if Element.byteCount == 2 {
                    place.storeBytes(of: numbers.load(fromByteOffset: 2 &* i, as: UInt16.self), as: UInt16.self)
                } else {
                    place.storeBytes(of: numbers.load(fromByteOffset: 4 &* i, as: UInt32.self), as: UInt32.self)
                }
            }
        }
    }
}
