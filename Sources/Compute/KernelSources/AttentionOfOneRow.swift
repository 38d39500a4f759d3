import CSIMD

// Attention of a single row. Keys and values are read only once, from memory, and so in memory order: block by block
// the keys of all heads, then block by block the values of all heads. Hardware prefetches such a long stream by itself;
// where the stream breaks, prefetch instructions help.
//
// The row's own key and value, if they are still to be stored, are taken from the input, rounded as the cache rounds
// them, and stored after their block has been read. Reading what was just stored, or storing to a line that has not
// arrived from memory, would stall the pipeline.

extension Strip {
    /// Attention of a single row in some heads.
    @inline(__always)
    func attendOne<Element>(_ heads: Range<Int>, _ blocks: SequenceBlocks<Element>, _ scratch: StripScratch) {
        writeScores(heads, blocks, scratch)
        for list in 0..<heads.count {
            if list < streamStart { blocks.fetchValues(0, heads.lowerBound &+ list) }
            scratch.totals[list] = exponentials(scratch.weights + list &* paddedPositions, start &+ 1)
        }
        addValues(heads, blocks, scratch)
        for list in 0..<heads.count {
            writeQuotients(
                scratch.sums + list &* paddedWidth, scratch.totals[list],
                output + (heads.lowerBound &+ list) &* width, width)
        }
    }

    @inline(__always)
    private func writeScores<Element>(
        _ heads: Range<Int>, _ blocks: SequenceBlocks<Element>, _ scratch: StripScratch
    ) {
        let count = paddedPositions / laneCount
        let ahead = min(streamStart, heads.count)
        for head in heads.prefix(ahead) { blocks.fetchKeys(0, head) }
        for index in 0..<count {
            let isLast = index &+ 1 == count
            for head in heads {
                if let place = blocks.toFetch(index, head, of: heads, blockCount: count) {
                    blocks.fetchKeys(place.index, place.head)
                }
                let keys = blocks.keys(index, head)
                let query = UnsafeMutablePointer(mutating: queries + head &* width)
                let list = head &- heads.lowerBound
                let scores = scratch.weights + (list &* paddedPositions &+ index &* laneCount)
                if width % laneCount == 0 {
                    SingleTile.writeScores(Element.self, query, keys, width: width, scale: scale, scores)
                } else {
                    SingleTile.writeScores(
                        Element.self, TileRows(pointer: query), keys, width: width, scale: scale,
                        TileRows(pointer: scores))
                }
                guard isLast, let new else { continue }
                scores[start % laneCount] = new.score(Element.self, head, query, width: width, scale: scale)
                new.storeKey(blocks, head)
            }
        }
    }

    @inline(__always)
    private func addValues<Element>(
        _ heads: Range<Int>, _ blocks: SequenceBlocks<Element>, _ scratch: StripScratch
    ) {
        let count = paddedPositions / laneCount
        let stored = start &+ (new == nil ? 1 : 0)
        for index in 0..<count {
            let position = index &* laneCount
            for head in heads {
                if let place = blocks.toFetch(index, head, of: heads, blockCount: count) {
                    blocks.fetchValues(place.index, place.head)
                }
                let list = head &- heads.lowerBound
                let weights = scratch.weights + (list &* paddedPositions &+ position)
                let sums = scratch.sums + list &* paddedWidth
                SingleTile.addValues(
                    Element.self, TileRows(pointer: weights), blocks.values(index, head),
                    count: min(laneCount, stored &- position), paddedWidth: paddedWidth, isFirst: index == 0,
                    TileRows(pointer: sums))
                guard index &+ 1 == count, let new else { continue }
                new.addValue(Element.self, head, weight: weights[start % laneCount], width: width, sums)
                new.storeValue(blocks, head)
            }
        }
    }
}

extension StoredRows {
    /// The score query · key × scale of the single row, with the same bits as `SingleTile` gives.
    @inline(__always)
    fileprivate func score<Element: StoredElement>(
        _: Element.Type, _ head: Int, _ query: UnsafePointer<Float>, width: Int, scale: Float
    ) -> Float {
        let key = keys + head &* width
        var sums = SIMD16<Float>.zero
        forEachLanes(width) { index in
            sums = sums.addingProduct(Element.rounded(load(key + index)), load(query + index))
        } tail: { index, count in
            sums = sums.addingProduct(Element.rounded(loadTail(key + index, count)), loadTail(query + index, count))
        }
        return SingleTile.scaled(SIMD16(repeating: sum16(sums)), scale)[0]
    }

    /// Adds the single row's value times `weight` to `sums` [padded width].
    @inline(__always)
    fileprivate func addValue<Element: StoredElement>(
        _: Element.Type, _ head: Int, weight: Float, width: Int, _ sums: UnsafeMutablePointer<Float>
    ) {
        let value = values + head &* width
        let weight = SIMD16(repeating: weight)
        forEachLanes(width) { index in
            let sum = load(sums + index).addingProduct(weight, Element.rounded(load(value + index)))
            store(sum, sums + index)
        } tail: { index, count in
            let sum = load(sums + index).addingProduct(weight, Element.rounded(loadTail(value + index, count)))
            store(sum, sums + index)
        }
    }
}

/// How many heads ahead prefetch instructions run: at the start of a stream, until the hardware recognises it, and
/// throughout where there is no stream because only some of a block's heads are read.
private let streamStart = 4

extension SequenceBlocks {
    /// The block and head to prefetch while `head` in block `index` is processed; nil where hardware prefetching
    /// suffices or nothing is left.
    @inline(__always)
    fileprivate func toFetch(
        _ index: Int, _ head: Int, of heads: Range<Int>, blockCount: Int
    ) -> (index: Int, head: Int)? {
        let later = head &+ min(streamStart, heads.count)
        let isCut = heads.count < headCount
        if later < heads.upperBound { return isCut ? (index, later) : nil }
        guard index &+ 1 < blockCount, isCut || table[index &+ 1] != table[index] &+ 1 else { return nil }
        return (index &+ 1, later &- heads.count)
    }

    /// Prefetches a head's keys in a block of the sequence into the second-level cache.
    @inline(__always)
    fileprivate func fetchKeys(_ index: Int, _ head: Int) { fetch(keys(index, head), keyBytes) }

    /// The same for values.
    @inline(__always)
    fileprivate func fetchValues(_ index: Int, _ head: Int) { fetch(values(index, head), valueBytes) }

    @inline(__always)
    private func fetch(_ pointer: UnsafeRawPointer, _ byteCount: Int) {
        for line in 0..<(byteCount &+ 63) / 64 { csimd_prefetch_l2(pointer, 64 &* line) }
    }
}
