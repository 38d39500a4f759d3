/// One merge: how early it comes, and the token it makes. Ordered by rank.
struct Merge: Comparable {
    private let rankAndResult: UInt64

    init(rank: Int, result: Int32) {
        rankAndResult = UInt64(rank) << 32 | UInt64(result)
    }

    /// Stands for a pair that cannot be merged; comes after all merges.
    static let none = Merge(rank: Int(UInt32.max), result: 0)

    /// The line of merges.txt, counting merges only; lower ranks are merged first.
    var rank: Int { Int(rankAndResult >> 32) }
    /// The id of the token made.
    var result: Int32 { Int32(truncatingIfNeeded: rankAndResult) }

    static func < (left: Merge, right: Merge) -> Bool { left.rankAndResult < right.rankAndResult }
}

/// The merges by the pair of tokens they join: a hash table with open addressing and linear probing, at most half full.
struct MergeTable {
    private struct Slot {
        var pair: UInt64
        var merge: Merge
    }

    /// No pair of ids, as ids are not negative.
    private static let emptyPair = UInt64.max

    private var slots: [Slot]
    private let shift: Int

    /// An empty table with room for a number of merges.
    init(capacity: Int) {
        let bits = max(4, Int.bitWidth - (2 * capacity).leadingZeroBitCount)
        slots = Array(repeating: Slot(pair: Self.emptyPair, merge: .none), count: 1 << bits)
        shift = UInt64.bitWidth - bits
    }

    /// The merge of two neighbouring tokens, ``Merge/none`` if there is none.
    subscript(left: Int32, right: Int32) -> Merge {
        let slot = slots[slotIndex(of: Self.pair(left, right))]
        return slot.merge
    }

    /// Adds a merge; false, and nothing changed, if the pair has one already.
    mutating func insert(_ merge: Merge, left: Int32, right: Int32) -> Bool {
        let pair = Self.pair(left, right)
        let index = slotIndex(of: pair)
        guard slots[index].pair == Self.emptyPair else { return false }
        slots[index] = Slot(pair: pair, merge: merge)
        return true
    }

    private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// The slot that holds the pair, or the empty one where it belongs.
    private func slotIndex(of pair: UInt64) -> Int {
        // Fibonacci hashing, with the high half folded in so that both ids reach the top bits.
        var index = Int(((pair ^ pair >> 29) &* 0x9E37_79B9_7F4A_7C15) >> UInt64(shift))
        while slots[index].pair != pair && slots[index].pair != Self.emptyPair {
            index = (index + 1) & (slots.count - 1)
        }
        return index
    }
}
