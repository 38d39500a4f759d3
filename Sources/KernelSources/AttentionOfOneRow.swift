import CSIMD

// How a single row passes the blocks of its sequence. It uses keys and values once, as they come from memory, and so in the
// order in which they lie there: block by block all heads' keys, then block by block all heads' values. Processors fetch
// ahead in so long a stream by themselves, and what breaks the stream is fetched by instructions.

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
            // What a store has just written is read with delay.
            if isLast { for head in heads.prefix(ahead) { new?.store(blocks, head) } }
            for head in heads {
                if let place = blocks.toFetch(index, head, of: heads, blockCount: count) {
                    blocks.fetchKeys(place.index, place.head)
                }
                if isLast && head &+ ahead < heads.upperBound { new?.store(blocks, head &+ ahead) }
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
            }
        }
    }

    @inline(__always)
    private func addValues<Element>(
        _ heads: Range<Int>, _ blocks: SequenceBlocks<Element>, _ scratch: StripScratch
    ) {
        let count = paddedPositions / laneCount
        for index in 0..<count {
            let position = index &* laneCount
            for head in heads {
                if let place = blocks.toFetch(index, head, of: heads, blockCount: count) {
                    blocks.fetchValues(place.index, place.head)
                }
                let list = head &- heads.lowerBound
                SingleTile.addValues(
                    Element.self, TileRows(pointer: scratch.weights + (list &* paddedPositions &+ position)),
                    blocks.values(index, head), count: min(laneCount, start &+ 1 &- position),
                    paddedWidth: paddedWidth, isFirst: index == 0,
                    TileRows(pointer: scratch.sums + list &* paddedWidth))
            }
        }
    }
}

/// So many heads ahead instructions fetch: where a stream begins, until the processor has seen what is to come, and all
/// along where there is none, for a block's heads are not all taken.
private let streamStart = 4

extension SequenceBlocks {
    /// The block and head that instructions fetch while some heads' numbers are taken and it is the turn of `head` in
    /// block `index`; nil where the processor fetches by itself, or nothing is left.
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

    /// Fetches a head's keys in a block of the sequence into the second-level cache.
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
