import Scheduling

/// A rule that a scheduler broke.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

func check(_ holds: Bool, _ what: @autoclosure () -> String) throws(Violation) {
    if !holds { throw Violation(description: what()) }
}

/// A model of the KV cache of one stage: for each position of each block, whose keys and values it holds. A batch that
/// reads a position must find its own sequence's there.
struct CacheMemory {
    /// For each block 16 positions: a hash of the token there and all tokens before it; nil if nothing valid is there.
    private var places: [[UInt64?]]

    init(blocks: Int) {
        places = Array(repeating: Array(repeating: nil, count: BlockPool.positionsPerBlock), count: blocks)
    }

    /// Runs a batch as a stage does. `texts` has all tokens of each sequence; one that is missing had an
    /// earlier batch that failed, and what it writes is not valid.
    mutating func run(_ batch: ScheduledBatch, texts: [SequenceID: [Int32]]) throws(Violation) {
        for copy in batch.copies { places[Int(copy.to)] = places[Int(copy.from)] }
        // All rows write before any of them reads, layer by layer.
        for slice in batch.slices { write(slice, hashes: texts[slice.sequence].map(Self.hashes)) }
        for slice in batch.slices {
            guard let hashes = texts[slice.sequence].map(Self.hashes) else { continue }
            let end = slice.start + slice.tokens.count
            for position in 0..<end {
                let block = Int(slice.blockTable[position / 16])
                try check(
                    places[block][position % 16] == hashes[position],
                    "position \(position) of \(slice.sequence) is not in block \(block): batch \(batch.id)")
            }
        }
    }

    private mutating func write(_ slice: ScheduledSlice, hashes: [UInt64]?) {
        for position in slice.start..<slice.start + slice.tokens.count {
            places[Int(slice.blockTable[position / 16])][position % 16] = hashes?[position]
        }
    }

    private static func hashes(_ tokens: [Int32]) -> [UInt64] {
        var hash: UInt64 = 14_695_981_039_346_656_037
        return tokens.map { token in
            hash = (hash ^ UInt64(UInt32(bitPattern: token))) &* 1_099_511_628_211
            return hash
        }
    }
}
