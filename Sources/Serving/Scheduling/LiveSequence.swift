/// A sequence from its submission to its end.
struct LiveSequence: Sendable {
    let request: SequenceRequest
    /// Counts submissions: the greater, the younger.
    let arrival: UInt64
    /// Prompt and drawn tokens.
    var tokens: [Int32]
    /// Where it runs; nil while it waits.
    var place: Place?
    /// Ended from outside while in flight: goes when its batches have come back.
    var isCancelled = false
    /// It had blocks before, and gave them up.
    var wasPreempted = false
    /// A batch of it came to nothing: what followed in its blocks is worth nothing either.
    var isFailed = false
    /// Positions before this one have been scored, though their keys and values may be gone again.
    var scoredEnd = 0

    /// A sequence's blocks in a pipeline, and how far it is.
    struct Place: Sendable {
        let pipeline: Int
        /// The block table, shared blocks included.
        var blocks: [UInt32]
        /// Names of what the first blocks hold, as far as they are full and came back.
        var contents: [PrefixIndex.ContentID]
        /// To be carried out by the first batch; `from` is in use until then.
        var copy: ScheduledCopy?
        /// Positions whose keys and values are in the cache.
        var cached: Int
        /// Positions that have been sent, those that came back included.
        var sent: Int
        var batchesInFlight = 0
        /// Gives its blocks up as soon as no batch of it is in flight.
        var isPreempted = false
        /// Where its prompt stands in line; the least goes first.
        var startTag = 0.0
        /// Number of the last batch it was in: who has not been for longest goes first.
        var lastBatch: UInt64 = 0
    }

    init(_ request: SequenceRequest, arrival: UInt64) {
        self.request = request
        self.arrival = arrival
        tokens = request.tokens
    }

    var id: SequenceID { request.id }
    var promptCount: Int { request.tokens.count }
    var generatedCount: Int { tokens.count - promptCount }

    /// It runs drawn tokens one by one; a sequence that was preempted first runs all of its tokens again.
    var isDecoding: Bool { generatedCount > 0 && place.map { tokens.count - $0.cached == 1 } ?? false }

    /// Positions not sent yet.
    var unsent: Int { place.map { tokens.count - $0.sent } ?? tokens.count }

    /// Positions at the beginning that need not be run where they are in the cache: what follows is to be found out.
    var reusable: Int {
        switch request.purpose {
        case .generate: tokens.count - 1
        case .score(let firstRow): max(firstRow, scoredEnd)
        }
    }

    /// May be in a batch now: nothing it depends on is under way, but for earlier chunks of its prompt.
    var isReady: Bool {
        guard let place, !isCancelled, !place.isPreempted, unsent > 0 else { return false }
        return !isDecoding || place.batchesInFlight == 0
    }

    /// Whether it is running its prompt, which others of its group wait for.
    var isLeading: Bool { place.map { $0.cached < promptCount } ?? false }

    /// Where the next slice ends, if it has at most `limit` positions.
    func nextEnd(limit: Int) -> Int { min(tokens.count, (place?.sent ?? 0) + limit) }

    /// The next positions to run, at most `limit` of them.
    func slice(limit: Int) -> ScheduledSlice {
        guard let place else { preconditionFailure("a slice of a sequence without blocks") }
        let end = nextEnd(limit: limit)
        let table = place.blocks.prefix(BlockPool.blocks(for: end))
        var scoredRows: Range<Int>?
        var samples = false
        switch request.purpose {
        case .generate:
            samples = end == tokens.count
        case .score(let firstRow):
            let first = max(firstRow, scoredEnd, place.sent)
            scoredRows = first < end ? (first - place.sent)..<(end - place.sent) : nil
        }
        return ScheduledSlice(
            sequence: id, start: place.sent, tokens: Array(tokens[place.sent..<end]), blockTable: Array(table),
            samples: samples, scoredRows: scoredRows)
    }
}
