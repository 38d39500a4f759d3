/// The order used throughout: greater scores first, lower indices first among equals.
enum Ranking {
    /// The indices of the first `count` scores in that order; all if there are fewer.
    static func first(_ count: Int, of scores: Span<Float>) -> [Int] {
        let limit = min(count, scores.count)
        guard limit > 0 else { return [] }
        // Collects keys that may be among the first until the buffer is full, then keeps the first ones; their least
        // score excludes later scores.
        let capacity = 2 * limit + 64
        var keys: [UInt64] = []
        keys.reserveCapacity(min(capacity, scores.count))
        var least = -Float.infinity
        for index in scores.indices where scores[index] >= least {
            keys.append(key(score: scores[index], index: index))
            if keys.count == capacity {
                sort(&keys)
                keys.removeLast(capacity - limit)
                least = scores[self.index(of: keys[limit - 1])]
            }
        }
        return Array(sorted(keys).prefix(limit))
    }

    /// The indices that `keys` were made from, in order. Keys of equal scores come in ascending order of index.
    static func sorted(_ keys: [UInt64]) -> [Int] {
        var keys = keys
        sort(&keys)
        return keys.map(index(of:))
    }

    /// A number that is greater the earlier the index comes: the score's bits made monotonic, then the complement of
    /// the index.
    static func key(score: Float, index: Int) -> UInt64 {
        // Adding 0 makes -0 equal to 0.
        let bits = (score + 0).bitPattern
        let ascending = bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
        return UInt64(ascending) << 32 | UInt64(~UInt32(truncatingIfNeeded: index))
    }

    private static func index(of key: UInt64) -> Int {
        Int(~UInt32(truncatingIfNeeded: key))
    }

    /// Greater keys first. Many keys are sorted by a radix sort on the score, 11 bits at a time: whole vocabularies are
    /// sorted here, and comparison sort takes ten times as long.
    private static func sort(_ keys: inout [UInt64]) {
        guard keys.count > 512 else {
            keys.sort(by: >)
            return
        }
        let mask: UInt64 = 0x7FF
        var sorted = keys
        for shift in [32, 43, 54] as [UInt64] {
            var starts = [Int](repeating: 0, count: Int(mask) + 1)
            for key in keys { starts[Int(~(key >> shift) & mask)] += 1 }
            var start = 0
            for bucket in starts.indices {
                let count = starts[bucket]
                starts[bucket] = start
                start += count
            }
            for key in keys {
                let bucket = Int(~(key >> shift) & mask)
                sorted[starts[bucket]] = key
                starts[bucket] += 1
            }
            swap(&keys, &sorted)
        }
    }
}
