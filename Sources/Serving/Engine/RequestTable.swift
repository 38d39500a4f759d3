import Messages
import Scheduling

/// Requests under way, and which of them each sequence belongs to.
struct RequestTable {
    private var active: [RequestKey: ActiveRequest] = [:]
    private var owners: [SequenceID: RequestKey] = [:]
    // Scored texts that may have windows to submit.
    private var unsubmitted: Set<RequestKey> = []

    var count: Int { active.count }
    var isEmpty: Bool { active.isEmpty }

    /// Some text may have windows that were not submitted yet.
    var hasUnsubmitted: Bool { !unsubmitted.isEmpty }

    /// All requests, in the order of clients and their request ids.
    var sorted: [(key: RequestKey, request: ActiveRequest)] {
        active.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Texts that may have windows to submit, the oldest request first.
    var unsubmittedByAge: [RequestKey] {
        unsubmitted.map { ($0, request($0).begun) }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }

    /// Tokens of all texts that are being scored.
    var scoringTokens: Int { active.values.reduce(0) { $0 + $1.scoringTokens } }

    func contains(_ key: RequestKey) -> Bool { active[key] != nil }

    subscript(key: RequestKey) -> ActiveRequest? { active[key] }

    /// The request of a sequence; nil where it has ended.
    func owner(of sequence: SequenceID) -> RequestKey? { owners[sequence] }

    /// A slice as it travels, with what is wanted of it.
    func wire(_ slice: ScheduledSlice) -> Slice {
        var wire = Slice(
            sequenceID: slice.sequence, index: 0, start: UInt32(slice.start), tokens: slice.tokens,
            blockTable: slice.blockTable)
        guard let key = owner(of: slice.sequence), let request = active[key] else { return wire }
        request.complete(&wire, of: slice)
        return wire
    }

    /// A line of `status` for each, in the order of clients and their request ids.
    func statuses(now: Double, isRunning: (SequenceID) -> Bool) -> [RequestStatus] {
        sorted.map { key, request in
            request.status(key, isQueued: !request.sequences.contains(where: isRunning), now: now)
        }
    }

    /// - Precondition: the request is under way.
    mutating func update<Result>(_ key: RequestKey, _ body: (inout ActiveRequest) -> Result) -> Result {
        var request = request(key)
        // Not twice in memory while it changes: it may hold a whole text.
        active[key] = nil
        defer { active[key] = request }
        return body(&request)
    }

    /// A text's request begins.
    mutating func open(_ text: WaitingText, _ work: ActiveRequest.Work, promptTokens: Int) {
        let request = ActiveRequest(work: work, promptTokens: promptTokens, begun: text.begun)
        active[text.key] = request
        for sequence in request.sequences { owners[sequence] = text.key }
    }

    /// Takes a request out; nil where it is not under way.
    mutating func remove(_ key: RequestKey) -> ActiveRequest? {
        guard let request = active.removeValue(forKey: key) else { return nil }
        for sequence in request.sequences { owners[sequence] = nil }
        unsubmitted.remove(key)
        return request
    }

    /// Windows of a text that is being scored have been submitted.
    mutating func own(_ sequences: [SequenceID], _ key: RequestKey) {
        for sequence in sequences { owners[sequence] = key }
    }

    mutating func mark(_ key: RequestKey, hasUnsubmitted: Bool) {
        if hasUnsubmitted { unsubmitted.insert(key) } else { unsubmitted.remove(key) }
    }

    private func request(_ key: RequestKey) -> ActiveRequest {
        guard let request = active[key] else { preconditionFailure("request \(key.requestID) is not under way") }
        return request
    }
}
