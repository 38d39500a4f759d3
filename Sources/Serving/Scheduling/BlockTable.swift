/// The KV cache blocks of one running sequence, in the order of its positions.
///
/// Full blocks may be shared with other sequences: they are never written to again. A partly filled block that is
/// shared is copied before the sequence writes to it (copy-on-write).
struct BlockTable: Sendable {
    private(set) var blocks: [UInt32]
    /// Names of what the first blocks hold, as far as they are full and known to the prefix cache.
    private var contents: [PrefixIndex.ContentID]
    /// A copy that the sequence's first batch has to make; its source stays in use until then.
    private var copy: ScheduledCopy?
    /// Positions whose keys and values are in the cache.
    private(set) var cached: Int

    private static let size = BlockPool.positionsPerBlock

    /// Takes blocks for `tokens`: those of the prefix cache for as many of the first `reusable` tokens as it has, and new
    /// ones for the others. Nil if fewer than `reserve` blocks would then be free.
    init?(for tokens: [Int32], reusable: Int, reserve: Int, from pool: inout BlockPool) {
        var prefix = pool.takePrefix(of: tokens, limit: reusable)
        let needed = BlockPool.blocks(for: tokens.count) - prefix.blocks.count
        if let edge = prefix.edge, pool.freeCount < needed + reserve {
            // It may be the very block that is missing.
            pool.release([edge.block])
            prefix.edge = nil
        }
        guard pool.freeCount >= needed + reserve, let new = pool.allocate(needed) else {
            pool.release(prefix.blocks + (prefix.edge.map { [$0.block] } ?? []))
            return nil
        }
        blocks = prefix.blocks + new
        contents = prefix.contents
        copy = prefix.edge.map { ScheduledCopy(from: $0.block, to: new[0]) }
        cached = prefix.positions
    }

    /// Takes blocks until there are enough for `positions` positions. False, and takes none, if too few are free.
    mutating func grow(to positions: Int, from pool: inout BlockPool) -> Bool {
        let missing = BlockPool.blocks(for: positions) - blocks.count
        guard missing > 0 else { return true }
        guard let new = pool.allocate(missing) else { return false }
        blocks += new
        return true
    }

    /// The copy that the next batch has to make, handed out once. Whoever takes it releases its source.
    mutating func takeCopy() -> ScheduledCopy? {
        defer { copy = nil }
        return copy
    }

    /// A batch has written all positions before `end`. Blocks that are full now enter the prefix cache.
    mutating func filled(to end: Int, of tokens: [Int32], in pool: inout BlockPool) {
        cached = end
        while (contents.count + 1) * Self.size <= cached {
            let block = contents.count
            let content = pool.enter(
                blocks[block], after: contents.last ?? 0, tokens: tokens[block * Self.size..<(block + 1) * Self.size])
            guard let content else { break }
            contents.append(content)
        }
    }

    /// Enters the partly filled block into the prefix cache, if no other sequence uses it.
    func enterPartialBlock(of tokens: [Int32], in pool: inout BlockPool) {
        let full = cached / Self.size
        guard copy == nil, contents.count == full, cached > full * Self.size, !pool.isShared(blocks[full]) else {
            return
        }
        _ = pool.enter(blocks[full], after: contents.last ?? 0, tokens: tokens[full * Self.size..<cached])
    }

    /// Keeps what a sequence of `count` tokens needs, of which the last has not been run.
    mutating func cutBack(to count: Int, in pool: inout BlockPool) {
        cached = min(cached, count - 1)
        keep(BlockPool.blocks(for: count), in: &pool)
        let full = cached / Self.size
        if contents.count > full { contents.removeLast(contents.count - full) }
        // The block at the edge is written to again. If others read it as well, it is replaced, and its positions run anew.
        if full < blocks.count {
            if pool.isShared(blocks[full]) {
                cached = full * Self.size
                keep(full, in: &pool)
            } else {
                pool.forget(blocks[full])
            }
        }
        if let copy, !blocks.contains(copy.to) {
            pool.release([copy.from])
            self.copy = nil
        }
    }

    private mutating func keep(_ count: Int, in pool: inout BlockPool) {
        guard blocks.count > count else { return }
        pool.release(Array(blocks[count...]))
        blocks.removeLast(blocks.count - count)
    }

    /// Gives all blocks back. What they hold stays in the prefix cache.
    consuming func release(to pool: inout BlockPool) {
        pool.release(blocks + (copy.map { [$0.from] } ?? []))
    }
}
