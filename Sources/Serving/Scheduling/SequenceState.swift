/// A sequence from its submission to its end: what it keeps whether it waits or runs.
struct SequenceState: Sendable {
    let request: SequenceRequest
    /// Counts submissions: the greater, the younger.
    let arrival: UInt64
    /// The prompt and the tokens sampled after it.
    private(set) var tokens: [Int32]
    /// It has run before and given up its blocks.
    var wasPreempted = false
    /// Positions before this one have been scored, even if their keys and values are gone again.
    private var scoredEnd = 0

    init(_ request: SequenceRequest, arrival: UInt64) {
        self.request = request
        self.arrival = arrival
        tokens = request.tokens
    }

    var id: SequenceID { request.id }
    var client: ClientNumber { request.client }
    var priority: SequencePriority { request.priority }
    var promptCount: Int { request.tokens.count }
    var generatedCount: Int { tokens.count - promptCount }

    /// Positions at the beginning that need not be run if they are in the prefix cache. The last position of a prompt
    /// always runs, because the next token comes from it.
    var reusable: Int {
        switch request.purpose {
        case .generate: tokens.count - 1
        case .score(let firstRow): max(firstRow, scoredEnd)
        }
    }

    /// Whether this sequence gives up its blocks before another one does: it has a lower priority, or is younger.
    func isPreempted(before other: SequenceState) -> Bool {
        (priority, other.arrival) < (other.priority, arrival)
    }

    /// What the logits of positions `start..<end` are for.
    func demand(from start: Int, to end: Int) -> (samples: Bool, scoredRows: Range<Int>?) {
        switch request.purpose {
        case .generate: return (end == tokens.count, nil)
        case .score(let firstRow):
            let first = max(firstRow, scoredEnd, start)
            return (false, first < end ? (first - start)..<(end - start) : nil)
        }
    }

    /// Takes in the result of a slice. `token` is the one that was sampled after it, if any.
    mutating func advance(after slice: ScheduledSlice, token: Int32?) -> SequenceProgress {
        switch request.purpose {
        case .score:
            if slice.scoredRows != nil { scoredEnd = slice.end }
            if slice.end == tokens.count { return .scoredLast }
            return slice.scoredRows == nil ? .prefilled : .scored
        case .generate(let maximumTokens):
            guard slice.samples, let token else { return .prefilled }
            tokens.append(token)
            return generatedCount < maximumTokens ? .sampled(token) : .sampledLast(token)
        }
    }

    /// Drops all tokens but the first `count`, of which the prompt is a part.
    mutating func cutBack(to count: Int) {
        precondition(count >= promptCount, "a prompt is not cut")
        tokens.removeLast(tokens.count - count)
    }
}
