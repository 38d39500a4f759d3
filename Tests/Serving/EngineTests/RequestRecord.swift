import Messages
import Scheduling
import ServingSupport

/// What a client of ``RequestSimulation`` ought to be sent for one request, and what it was sent.
struct RequestRecord {
    /// Pieces that may still be sent.
    var credit: Int
    /// The client has asked for the end; what was sampled before comes without credit.
    var isCancelled = false
    private(set) var isEnded = false
    private var isAccepted = false
    /// It ended, and not by a cancel or a failure.
    private(set) var isComplete = false
    private let answers: [DirectLoop.Answer]
    private var got: [DirectLoop.Answer]
    private var done: Set<UInt32> = []
    private let scored: [TokenResult]
    private let unscored: Int32?
    private var scoredCount = 0
    private var gotUnscored = false

    init(answers: [DirectLoop.Answer], credit: Int) {
        self.answers = answers
        self.credit = credit
        got = answers.map { _ in DirectLoop.Answer() }
        scored = []
        unscored = nil
    }

    init(scored text: [Int32], stride: Int, context: Int, endOfText: Bool, credit: Int) {
        let tokens = (endOfText ? [Demo.endOfText] : []) + text
        scored = ScoreWindows(count: tokens.count, context: context, stride: stride).flatMap { window in
            window.targets.map { target in
                let before = Array(tokens[window.tokens.lowerBound..<target])
                return TokenResult(token: tokens[target], logprob: FakeStage.logprob(tokens[target], after: before))
            }
        }
        unscored = endOfText ? nil : text[0]
        answers = []
        got = []
        self.credit = credit
    }

    mutating func take(_ body: ClientReply) throws {
        try check(!isEnded, "told more after the end: \(body)")
        switch body {
        case .accepted:
            try check(!isAccepted && done.isEmpty && scoredCount == 0, "accepted late, or twice")
            isAccepted = true
        case .piece(let piece): try take(piece)
        case .scorePiece(let piece): try take(piece)
        case .done(let done): try take(done)
        case .failure: isEnded = true
        default: throw Violation(description: "an unexpected \(body)")
        }
    }

    private mutating func take(_ piece: Piece) throws {
        let index = Int(piece.index)
        try check(got.indices.contains(index) && !done.contains(piece.index), "a piece of sequence \(index)")
        try check(piece.tokenOffset == got[index].tokens.count, "offset \(piece.tokenOffset)")
        try check(!piece.text.isEmpty || !piece.tokens.isEmpty, "an empty piece")
        try check(piece.logprobs.isEmpty || piece.logprobs.map(\.token) == piece.tokens, "log-probabilities")
        guard let text = String(validating: piece.text, as: UTF8.self) else {
            throw Violation(description: "a piece with a part of a character")
        }
        credit -= 1
        try check(credit >= 0 || isCancelled, "more pieces than there was credit")
        got[index].tokens += piece.tokens
        got[index].text += text
        try check(answers[index].tokens.starts(with: got[index].tokens), "tokens \(got[index].tokens)")
    }

    private mutating func take(_ piece: ScorePiece) throws {
        credit -= 1
        try check(credit >= 0, "more pieces than there was credit")
        if let token = piece.unscoredToken {
            try check(token == unscored && !gotUnscored && scoredCount == 0, "unscored token \(token)")
            gotUnscored = true
        }
        let shift = unscored == nil || piece.unscoredToken != nil ? 0 : 1
        try check(Int(piece.tokenOffset) == scoredCount + shift, "offset \(piece.tokenOffset)")
        try check(scored.dropFirst(scoredCount).starts(with: piece.scores), "scores from \(scoredCount)")
        scoredCount += piece.scores.count
    }

    private mutating func take(_ message: Done) throws {
        guard !answers.isEmpty else {
            isEnded = true
            isComplete = message.reason == .stop
            let all = scoredCount == scored.count && gotUnscored == (unscored != nil)
            return try check(!isComplete || all, "done after \(scoredCount) of \(scored.count) scores")
        }
        let index = Int(message.index)
        try check(answers.indices.contains(index) && done.insert(message.index).inserted, "done \(index) twice")
        try check(Int(message.generatedTokens) == got[index].tokens.count, "a count of \(message.generatedTokens)")
        if message.reason == .cancelled {
            let text = try Demo.text(got[index].tokens)
            try check(got[index].text == text, "cancelled after '\(got[index].text)', not '\(text)'")
        } else {
            got[index].reason = message.reason
            try check(got[index] == answers[index], "sequence \(index) is \(got[index]), not \(answers[index])")
        }
        isEnded = done.count == answers.count
        isComplete = isEnded && message.reason != .cancelled
    }

    private func check(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        guard condition else { throw Violation(description: what()) }
    }
}
