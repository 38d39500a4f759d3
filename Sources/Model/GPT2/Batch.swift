import Kernels

/// Some consecutive positions of one sequence, to be computed in a batch.
public struct SequenceSlice: Sendable {
    /// Absolute position of the first token.
    public var start: Int
    /// The tokens at positions `start` and following.
    public var tokens: [Int32]
    /// The sequence's blocks in order, 16 positions each, covering positions 0..<`start` + `tokens.count`.
    public var blockTable: [Int32]

    public init(start: Int, tokens: [Int32], blockTable: [Int32]) {
        (self.start, self.tokens, self.blockTable) = (start, tokens, blockTable)
    }
}

/// A block of the KV cache to be copied to another before a batch is computed.
public struct BlockCopy: Sendable {
    public var from: Int32
    public var to: Int32

    public init(from: Int32, to: Int32) { (self.from, self.to) = (from, to) }
}

/// Checks of a batch, which may come from the network: whatever passes is computed without a crash and gives every
/// sequence the numbers it would have alone.
struct BatchRules {
    let vocabularySize: Int
    let context: Int
    let blockCount: Int

    /// The rows of the batch, one a token. Throws ``GPT2Error/batch(reason:)``.
    func check(_ slices: [SequenceSlice], _ copies: [BlockCopy]) throws(GPT2Error) -> [CachedRows] {
        guard !slices.isEmpty else { throw .batch(reason: "no tokens") }
        try checkCopies(copies)
        var rows = 0
        var result: [CachedRows] = []
        for (index, slice) in slices.enumerated() {
            try check(slice, index)
            let end = rows + slice.tokens.count
            result.append(CachedRows(rows: rows..<end, start: slice.start, blockTable: slice.blockTable))
            rows = end
        }
        try checkOwnership(result)
        return result
    }

    private func checkCopies(_ copies: [BlockCopy]) throws(GPT2Error) {
        var targets = Set<Int32>()
        for copy in copies {
            try checkBlock(copy.from, "copied block")
            try checkBlock(copy.to, "copied block")
            guard targets.insert(copy.to).inserted else { throw .batch(reason: "block \(copy.to) is copied to twice") }
        }
    }

    private func check(_ slice: SequenceSlice, _ index: Int) throws(GPT2Error) {
        guard !slice.tokens.isEmpty else { throw .batch(reason: "slice \(index) has no tokens") }
        guard slice.start >= 0, slice.start < context, slice.tokens.count <= context - slice.start else {
            throw .batch(
                reason: "slice \(index): \(slice.tokens.count) tokens from position \(slice.start), "
                    + "the context has \(context) positions")
        }
        for token in slice.tokens where token < 0 || Int(token) >= vocabularySize {
            throw .batch(reason: "slice \(index): token \(token), the vocabulary has \(vocabularySize)")
        }
        let needed = (slice.start + slice.tokens.count - 1) / KeyValueCache.blockPositions + 1
        guard slice.blockTable.count >= needed else {
            throw .batch(reason: "slice \(index): \(slice.blockTable.count) blocks in its table, \(needed) needed")
        }
        for block in slice.blockTable { try checkBlock(block, "slice \(index)") }
    }

    private func checkBlock(_ block: Int32, _ owner: String) throws(GPT2Error) {
        guard block >= 0, Int(block) < blockCount else {
            throw .batch(reason: "\(owner): block \(block), the cache has \(blockCount)")
        }
    }

    /// A block that is written may be in no other place, be it of another sequence or of the same.
    private func checkOwnership(_ batch: [CachedRows]) throws(GPT2Error) {
        let size = KeyValueCache.blockPositions
        var uses: [Int32: Int] = [:]
        for part in batch {
            for block in part.blockTable.prefix((part.start + part.rows.count - 1) / size + 1) {
                uses[block, default: 0] += 1
            }
        }
        for part in batch {
            for index in part.start / size...(part.start + part.rows.count - 1) / size {
                let block = part.blockTable[index]
                guard uses[block] == 1 else {
                    throw .batch(reason: "block \(block) is written and used in another place too")
                }
            }
        }
    }
}
