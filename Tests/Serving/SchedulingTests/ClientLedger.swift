import Scheduling

/// What the clients of a scheduler know of their sequences, and so what it may send and tell of them.
struct ClientLedger {
    /// A sequence as its client sees it.
    struct Entry {
        let request: SequenceRequest
        var tokens: [Int32]
        var scored: Set<Int> = []
        var isCancelled = false
        var isFailed = false
    }

    private(set) var live: [SequenceID: Entry] = [:]
    /// Sequences that came to their own end.
    private(set) var completed = 0

    var texts: [SequenceID: [Int32]] { live.mapValues(\.tokens) }
    var textsWithoutFailed: [SequenceID: [Int32]] { live.filter { !$0.value.isFailed }.mapValues(\.tokens) }

    func isWanted(_ id: SequenceID) -> Bool { live[id]?.isCancelled == false }

    mutating func submit(_ request: SequenceRequest) {
        live[request.id] = Entry(request: request, tokens: request.tokens)
    }

    mutating func cancel(_ id: SequenceID, isInFlight: Bool) {
        if isInFlight { live[id]?.isCancelled = true } else { live[id] = nil }
    }

    mutating func fail(_ id: SequenceID) { live[id]?.isFailed = true }

    mutating func forget(_ id: SequenceID) { live[id] = nil }

    mutating func forgetAll() { live = [:] }

    mutating func cutBack(_ id: SequenceID, to count: Int) {
        guard let entry = live[id] else { return }
        live[id]?.tokens.removeLast(entry.tokens.count - count)
    }

    /// Checks a slice that is sent.
    func examine(_ slice: ScheduledSlice) throws(Violation) {
        guard let entry = live[slice.sequence] else { throw Violation(description: "nobody wants \(slice)") }
        let end = slice.start + slice.tokens.count
        try check(!entry.isCancelled, "was cancelled: \(slice)")
        try check(slice.start < end && end <= entry.tokens.count, "tokens that are not there: \(slice)")
        try check(slice.tokens == Array(entry.tokens[slice.start..<end]), "other tokens: \(slice)")
        try check(slice.blockTable.count == (end + 15) / 16, "too few or too many blocks: \(slice)")
        switch entry.request.purpose {
        case .generate:
            try check(slice.samples == (end == entry.tokens.count), "samples at a wrong position: \(slice)")
            try check(slice.scoredRows == nil, "scores: \(slice)")
        case .score(let firstRow):
            let wanted = (slice.start..<end).filter { $0 >= firstRow && !entry.scored.contains($0) }
            let rows = slice.scoredRows.map { $0.map { $0 + slice.start } } ?? []
            // What an earlier chunk scores is on its way.
            try check(rows == wanted && !slice.samples, "rows \(rows), not \(wanted): \(slice)")
        }
    }

    /// Checks what is told of a slice that came back, and takes it in. `token` is the one that was sampled after it.
    mutating func hear(
        _ step: SequenceStep, _ slice: ScheduledSlice, token: Int32?, isInFlight: Bool
    ) throws(Violation) {
        let id = step.sequence
        guard let entry = live[id], !entry.isCancelled else {
            if !isInFlight { live[id] = nil }
            return try check(step.progress == .gone, "told \(step) of one that was cancelled")
        }
        switch entry.request.purpose {
        case .generate(let maximumTokens):
            guard slice.samples, let token else {
                return try check(step.progress == .prefilled, "told \(step)")
            }
            live[id]?.tokens.append(token)
            let isLast = entry.tokens.count + 1 - entry.request.tokens.count == maximumTokens
            try check(step.progress == (isLast ? .sampledLast(token) : .sampled(token)), "told \(step)")
            if isLast { complete(id) }
        case .score(let firstRow):
            for row in slice.scoredRows ?? 0..<0 {
                let isNew = live[id]?.scored.insert(slice.start + row).inserted ?? false
                try check(isNew, "row \(row) scored twice")
            }
            let isLast = slice.start + slice.tokens.count == entry.tokens.count
            guard isLast else {
                return try check(step.progress == (slice.scoredRows == nil ? .prefilled : .scored), "\(step)")
            }
            let wanted = Set(firstRow..<entry.tokens.count)
            try check(step.progress == .scoredLast && live[id]?.scored == wanted, "told \(step)")
            complete(id)
        }
    }

    private mutating func complete(_ id: SequenceID) {
        live[id] = nil
        completed += 1
    }
}
