/// The symbols of a long word as a linked list, with a heap of the merges that can be made: n log n for n symbols.
struct SymbolChain {
    /// Marks a symbol that has been joined to its left neighbour.
    private static let joined: Int32 = -1

    private let merges: MergeTable
    private var symbols: [Int32]
    private var previous: [Int]
    private var next: [Int]
    private var heap: BinaryHeap

    init(_ symbols: [Int32], merges: MergeTable) {
        self.merges = merges
        self.symbols = symbols
        previous = Array(-1..<symbols.count - 1)
        next = Array(1..<symbols.count + 1)
        var candidates: [UInt64] = []
        candidates.reserveCapacity(symbols.count)
        for position in 0..<symbols.count - 1 {
            let merge = merges[symbols[position], symbols[position + 1]]
            if merge != .none { candidates.append(Self.candidate(merge, at: position)) }
        }
        heap = BinaryHeap(candidates)
    }

    /// Rank and position in one number, so that the smallest is the leftmost of the lowest rank: ranks are below 2^20.
    private static func candidate(_ merge: Merge, at position: Int) -> UInt64 {
        UInt64(merge.rank) << 40 | UInt64(position)
    }

    /// Makes every merge that can be made.
    mutating func mergeAll() {
        while let candidate = heap.popSmallest() {
            let position = Int(candidate & (1 << 40 - 1))
            let right = next[position]
            guard symbols[position] != Self.joined, right < symbols.count else { continue }
            // Either symbol may have become another since the candidate was put into the heap.
            let merge = merges[symbols[position], symbols[right]]
            guard merge != .none, Self.candidate(merge, at: position) == candidate else { continue }

            symbols[position] = merge.result
            symbols[right] = Self.joined
            next[position] = next[right]
            if next[position] < symbols.count { previous[next[position]] = position }
            pushCandidate(previous[position], position)
            pushCandidate(position, next[position])
        }
    }

    private mutating func pushCandidate(_ left: Int, _ right: Int) {
        guard left >= 0, right < symbols.count else { return }
        let merge = merges[symbols[left], symbols[right]]
        if merge != .none { heap.push(Self.candidate(merge, at: left)) }
    }

    /// Appends the symbols that are left, in order.
    func appendSymbols(to tokens: inout [Int32]) {
        for symbol in symbols where symbol != Self.joined {
            tokens.append(symbol)
        }
    }
}
