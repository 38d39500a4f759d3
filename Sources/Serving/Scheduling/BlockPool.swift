import DequeModule

/// The KV cache blocks of a pipeline: which are in use, and what the others still hold. Blocks have the same numbers in
/// every stage.
///
/// A block is in use while it has references; sequences with a common beginning refer to the same blocks. A block without
/// references keeps what it holds, for a prompt that begins alike, until a sequence needs a block and no empty one is
/// left: then the least recently used block is evicted. These blocks are the prefix cache.
public struct BlockPool: Sendable {
    /// Positions in one block.
    public static let positionsPerBlock = 16

    public let capacity: Int
    private var references: [UInt32]
    // Ends with the block to hand out next: the one given back last, whose memory is mapped already, or else the lowest.
    private var free: [UInt32]
    // Blocks without references that hold something, the least recently used first. An entry counts only while the block
    // has its stamp, so that a block is taken out of the middle at no cost.
    private var unused: Deque<(block: UInt32, stamp: UInt64)> = []
    private var stamps: [UInt64]
    private var lastStamp: UInt64 = 0
    /// Blocks that no sequence uses and that hold something.
    public private(set) var cachedCount = 0
    /// Blocks evicted so far: they were given to another sequence, and what they held was lost.
    public private(set) var evictions: UInt64 = 0
    private var index = PrefixIndex()

    public init(capacity: Int) {
        self.capacity = capacity
        free = (0..<UInt32(capacity)).reversed()
        references = [UInt32](repeating: 0, count: capacity)
        stamps = [UInt64](repeating: 0, count: capacity)
    }

    /// Blocks that no sequence uses, whatever they hold.
    public var freeCount: Int { free.count + cachedCount }

    /// Blocks that `positions` positions need.
    public static func blocks(for positions: Int) -> Int {
        (positions + positionsPerBlock - 1) / positionsPerBlock
    }

    /// Takes `count` blocks; nil, and takes none, if fewer are free.
    public mutating func allocate(_ count: Int) -> [UInt32]? {
        guard count <= freeCount else { return nil }
        return (0..<count).map { _ in takeOne() }
    }

    public func isShared(_ block: UInt32) -> Bool { references[Int(block)] > 1 }

    /// Adds a reference to a block that holds something.
    mutating func retain(_ block: UInt32) {
        if references[Int(block)] == 0, stamps[Int(block)] != 0 {
            stamps[Int(block)] = 0
            cachedCount -= 1
        }
        references[Int(block)] += 1
    }

    /// Drops a reference to each of the blocks. The later blocks of a sequence are evicted before the ones they follow.
    public mutating func release(_ blocks: [UInt32]) {
        for block in blocks.reversed() {
            precondition(references[Int(block)] > 0, "a block released that no sequence used")
            references[Int(block)] -= 1
            guard references[Int(block)] == 0 else { continue }
            if index.isKnown(block) {
                lastStamp += 1
                stamps[Int(block)] = lastStamp
                unused.append((block, lastStamp))
                cachedCount += 1
            } else {
                free.append(block)
            }
        }
        // Entries of blocks that are in use again are dropped before there are more of them than blocks.
        if unused.count > 2 * capacity { unused.removeAll { stamps[Int($0.block)] != $0.stamp } }
    }

    private mutating func takeOne() -> UInt32 {
        if let block = free.popLast() {
            references[Int(block)] = 1
            return block
        }
        while let (block, stamp) = unused.popFirst() {
            guard stamps[Int(block)] == stamp else { continue }
            stamps[Int(block)] = 0
            cachedCount -= 1
            evictions += 1
            index.remove(block)
            references[Int(block)] = 1
            return block
        }
        preconditionFailure("fewer free blocks than counted")
    }
}

/// The beginning of a text as the prefix cache has it.
struct CachedPrefix {
    /// Full blocks, in order.
    var blocks: [UInt32] = []
    /// Names of what they hold.
    var contents: [PrefixIndex.ContentID] = []
    /// A block whose first `count` positions come next.
    var edge: (block: UInt32, count: Int)?

    var positions: Int { blocks.count * BlockPool.positionsPerBlock + (edge?.count ?? 0) }
}

extension BlockPool {
    /// The longest beginning of `tokens` in the cache, of `limit` positions at most. Adds a reference to each of its
    /// blocks.
    mutating func takePrefix(of tokens: [Int32], limit: Int) -> CachedPrefix {
        let prefix = prefix(of: tokens, limit: limit)
        for block in prefix.blocks { retain(block) }
        if let edge = prefix.edge { retain(edge.block) }
        return prefix
    }

    /// The longest beginning of `tokens` in the cache, of `limit` positions at most.
    func prefix(of tokens: [Int32], limit: Int) -> CachedPrefix {
        var prefix = CachedPrefix()
        var content: PrefixIndex.ContentID = 0
        while prefix.positions < limit {
            let start = prefix.positions
            let rest = tokens[start..<min(limit, start + Self.positionsPerBlock)]
            guard let (block, count) = index.longest(after: content, tokens: rest) else { break }
            guard count == Self.positionsPerBlock, let id = index.id(of: block) else {
                prefix.edge = (block, count)
                break
            }
            prefix.blocks.append(block)
            prefix.contents.append(id)
            content = id
        }
        return prefix
    }

    /// Enters what a block in use holds into the prefix cache: `tokens`, after the contents named `parent`. Returns its name.
    mutating func enter(
        _ block: UInt32, after parent: PrefixIndex.ContentID, tokens: ArraySlice<Int32>
    ) -> PrefixIndex.ContentID? {
        index.enter(block, after: parent, tokens: tokens)
    }

    /// The block is about to be written to: what it held is not found any more.
    mutating func forget(_ block: UInt32) { index.remove(block) }
}
