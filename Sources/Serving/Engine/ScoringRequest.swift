import Messages
import Scheduling

/// A `Score` while it runs: the windows of its text, some of them under way, and the scores yet to be sent, in order.
struct ScoringRequest {
    /// Windows under way or waiting to be sent, at most.
    static let windowsAtOnce = 4

    let request: Score
    let tokens: [Int32]
    /// The text's first token is `tokens[textStart]`.
    let textStart: Int
    let windows: ScoreWindows
    private var nextWindow = 0
    private var nextToSend = 0
    private var windowOf: [SequenceID: Int] = [:]
    private var scores: [Int: [TokenResult]] = [:]
    var credit: UInt32
    private var isUnscoredSent = false
    private(set) var isFinished = false

    /// - Parameter endOfText: put before the text, where that was asked for.
    init(_ request: Score, text: [Int32], endOfText: Int32?, context: Int) {
        self.request = request
        tokens = (endOfText.map { [$0] } ?? []) + text
        textStart = endOfText == nil ? 0 : 1
        let stride = request.stride.map(Int.init) ?? max(1, context / 2)
        windows = ScoreWindows(count: tokens.count, context: context, stride: stride)
        credit = request.credit
    }

    /// Windows to submit now, `capacity` at most, with the ids that follow `last`.
    mutating func nextSequences(capacity: Int, client: ClientNumber, after last: SequenceID) -> [SequenceRequest] {
        var requests: [SequenceRequest] = []
        while nextWindow < windows.count, nextWindow - nextToSend < Self.windowsAtOnce, requests.count < capacity {
            let window = windows[nextWindow]
            let request = SequenceRequest(
                id: last + SequenceID(requests.count) + 1, tokens: Array(tokens[window.tokens]),
                purpose: .score(firstRow: window.firstRow),
                client: client, priority: self.request.priority.scheduled)
            windowOf[request.id] = nextWindow
            nextWindow += 1
            requests.append(request)
        }
        return requests
    }

    var sequences: [SequenceID] { windowOf.keys.sorted() }

    /// Tokens already scored and sent.
    var scoredCount: Int { nextToSend == 0 ? 0 : windows[nextToSend - 1].targets.upperBound - textStart }

    func output(for slice: ScheduledSlice) -> ScoreOutput? {
        guard let rows = slice.scoredRows, let window = windowOf[slice.sequence] else { return nil }
        let first = windows[window].tokens.lowerBound + slice.start + rows.lowerBound + 1
        return ScoreOutput(
            firstRow: UInt32(rows.lowerBound), targets: Array(tokens[first..<(first + rows.count)]),
            alternatives: request.alternatives)
    }

    mutating func append(_ results: [TokenResult], to id: SequenceID) {
        guard let window = windowOf[id] else { return }
        scores[window, default: []].append(contentsOf: results)
    }

    /// The scores of every window that is complete, in the order of the text, while there is credit.
    mutating func takeMessages() -> [ClientReply] {
        var messages: [ClientReply] = []
        if !isUnscoredSent, textStart == 0, credit > 0 {
            isUnscoredSent = true
            credit -= 1
            messages.append(
                .scorePiece(
                    ScorePiece(requestID: request.requestID, tokenOffset: 0, scores: [], unscoredToken: tokens[0])))
        }
        while nextToSend < windows.count, credit > 0, textStart == 1 || isUnscoredSent,
            let ready = scores[nextToSend], ready.count == windows[nextToSend].targets.count
        {
            credit -= 1
            let offset = windows[nextToSend].targets.lowerBound - textStart
            messages.append(
                .scorePiece(
                    ScorePiece(requestID: request.requestID, tokenOffset: UInt32(offset), scores: ready)))
            scores[nextToSend] = nil
            windowOf = windowOf.filter { $0.value != nextToSend }
            nextToSend += 1
        }
        if !isFinished, nextToSend == windows.count, textStart == 1 || isUnscoredSent {
            isFinished = true
            messages.append(done(.stop))
        }
        return messages
    }

    func done(_ reason: FinishReason) -> ClientReply {
        .done(
            Done(
                requestID: request.requestID, index: 0, reason: reason, seed: 0,
                promptTokens: UInt32(tokens.count - textStart), generatedTokens: 0))
    }
}
