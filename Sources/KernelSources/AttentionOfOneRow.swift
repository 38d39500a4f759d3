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
        let isCut = heads.count < blocks.headCount
        for head in heads.prefix(ahead) { blocks.fetchKeys(0, head) }
        for index in 0..<count {
            let isLast = index &+ 1 == count
            let endsStream = !isLast && !blocks.continues(heads, after: index)
            // What a store has just written is read with delay.
            if isLast { for head in heads.prefix(ahead) { new?.store(blocks, head) } }
            for head in heads {
                let later = head &+ ahead
                if later < heads.upperBound {
                    if isCut { blocks.fetchKeys(index, later) }
                } else if endsStream {
                    blocks.fetchKeys(index &+ 1, later &- heads.count)
                }
                if isLast && later < heads.upperBound { new?.store(blocks, later) }
                let keys = blocks.keys(index, head)
                let query = UnsafeMutablePointer(mutating: queries + head &* width)
                let scores =
                    scratch.weights
                    + ((head &- heads.lowerBound) &* paddedPositions &+ index &* laneCount)
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
        let ahead = min(streamStart, heads.count)
        let isCut = heads.count < blocks.headCount
        for index in 0..<count {
            let endsStream = index &+ 1 < count && !blocks.continues(heads, after: index)
            let position = index &* laneCount
            for head in heads {
                let later = head &+ ahead
                if later < heads.upperBound {
                    if isCut { blocks.fetchValues(index, later) }
                } else if endsStream {
                    blocks.fetchValues(index &+ 1, later &- heads.count)
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

/// The first so many heads of a stream are fetched by instructions, until the processor has seen what is to come.
private let streamStart = 4

extension SequenceBlocks {
    /// Whether what some heads have in the block after `index` follows what they have in that one.
    @inline(__always)
    fileprivate func continues(_ heads: Range<Int>, after index: Int) -> Bool {
        heads.count == headCount && table[index &+ 1] == table[index] &+ 1
    }

    /// Fetches a head's keys in a block of the sequence into the second-level cache.
    @inline(__always)
    fileprivate func fetchKeys(_ index: Int, _ head: Int) { fetch(keys(index, head)) }

    /// The same for values.
    @inline(__always)
    fileprivate func fetchValues(_ index: Int, _ head: Int) { fetch(values(index, head)) }

    @inline(__always)
    private func fetch(_ pointer: UnsafeRawPointer) {
        for line in 0..<keyBytes / 64 { csimd_prefetch_l2(pointer, 64 &* line) }
    }
}
