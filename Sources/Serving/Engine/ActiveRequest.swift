import Messages
import Scheduling

/// Names a request among those of all clients.
struct RequestKey: Hashable, Comparable {
    var client: ClientID
    var requestID: UInt64

    static func < (left: RequestKey, right: RequestKey) -> Bool {
        if left.client == right.client { return left.requestID < right.requestID }
        return left.client.lexicographicallyPrecedes(right.client)
    }
}

/// A request under way.
struct ActiveRequest {
    enum Work {
        case generation(GenerationRequest)
        case scoring(ScoringRequest)
    }

    var work: Work
    let promptTokens: Int
    /// When it came, in the engine's milliseconds.
    let begun: Double
    /// When its first token was drawn, and its last.
    private(set) var firstToken: Double?
    private(set) var lastToken: Double?
    private(set) var tokenCount = 0

    init(work: Work, promptTokens: Int, begun: Double) {
        self.work = work
        self.promptTokens = promptTokens
        self.begun = begun
    }

    mutating func noteToken(now: Double) {
        firstToken = firstToken ?? now
        lastToken = now
        tokenCount += 1
    }

    /// Of all its sequences together, since the first.
    private var tokensPerSecond: Double? {
        guard let firstToken, let lastToken, lastToken > firstToken else { return nil }
        return Double(tokenCount - 1) / (lastToken - firstToken) * 1_000
    }

    var sequences: [SequenceID] {
        switch work {
        case .generation(let request): request.sequences.map(\.id)
        case .scoring(let request): request.sequences
        }
    }

    /// Takes in what a batch made of one of its sequences; returns whether that sequence is complete.
    mutating func take(_ step: SequenceProgress, of id: SequenceID, result: SequenceResult?) -> Bool {
        switch work {
        case .generation(var request):
            guard step.isDrawn, let sampled = result?.sampled else { return false }
            let complete = request.append(sampled, to: id, isLast: step.isLast)
            work = .generation(request)
            return complete
        case .scoring(var request):
            request.append(result?.scores ?? [], to: id)
            work = .scoring(request)
            return step.isLast
        }
    }

    /// Tokens of its text, where it is scored.
    var scoringTokens: Int {
        if case .scoring(let request) = work { return request.tokens.count }
        return 0
    }

    mutating func addCredit(_ pieces: UInt32) {
        switch work {
        case .generation(var request):
            request.credit = request.credit.addingReportingOverflow(pieces).overflow ? .max : request.credit + pieces
            work = .generation(request)
        case .scoring(var request):
            request.credit = request.credit.addingReportingOverflow(pieces).overflow ? .max : request.credit + pieces
            work = .scoring(request)
        }
    }

    /// One line of `status`.
    func status(_ key: RequestKey, isQueued: Bool, now: Double) -> RequestStatus {
        var status = RequestStatus(
            requestID: key.requestID, state: "score", promptTokens: UInt32(promptTokens), generatedTokens: 0,
            sequences: 1, ageMilliseconds: UInt64(max(0, now - begun)))
        status.firstTokenMilliseconds = firstToken.map { UInt64(max(0, $0 - begun)) }
        status.tokensPerSecond = tokensPerSecond
        status.client = key.client.suffix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        switch work {
        case .generation(let request):
            status.generatedTokens = UInt32(request.generatedCount)
            status.sequences = request.request.sequences
            status.state = request.generatedCount == 0 ? "prefill" : "decode"
            status.priority = request.request.priority
        case .scoring(let request):
            status.generatedTokens = UInt32(request.scoredCount)
            status.priority = request.request.priority
        }
        if isQueued { status.state = "queued" }
        return status
    }
}

extension SequenceProgress {
    /// A token came.
    var isDrawn: Bool {
        switch self {
        case .drew, .drewLast: true
        default: false
        }
    }

    /// Nothing more will come.
    var isLast: Bool {
        switch self {
        case .drewLast, .scoredLast: true
        default: false
        }
    }
}
