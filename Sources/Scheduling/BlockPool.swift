/// The KV cache blocks of a pipeline: which are free, which belong to whom. The same numbers hold in every stage.
public struct BlockPool: Sendable {
    /// Positions in one block.
    public static let positionsPerBlock = 16

    public let capacity: Int
    // Ends with the block to hand out next: those given back last, whose memory is in use already, then the lowest.
    private var free: [UInt32]

    public init(capacity: Int) {
        self.capacity = capacity
        self.free = (0..<UInt32(capacity)).reversed()
    }

    public var freeCount: Int { free.count }

    /// Blocks that `positions` positions need.
    public static func blocks(for positions: Int) -> Int {
        (positions + positionsPerBlock - 1) / positionsPerBlock
    }

    /// Takes `count` blocks, or none where so many are not free.
    public mutating func allocate(_ count: Int) -> [UInt32]? {
        guard count <= free.count else { return nil }
        let taken = Array(free.suffix(count).reversed())
        free.removeLast(count)
        return taken
    }

    /// Gives blocks back.
    public mutating func release(_ blocks: [UInt32]) {
        precondition(free.count + blocks.count <= capacity, "more blocks released than were allocated")
        free.append(contentsOf: blocks.reversed())
    }
}
