import Scheduling
import Wire

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
    let begun: UInt64

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
    func status(_ requestID: UInt64, isQueued: Bool, now: UInt64) -> RequestStatus {
        var status = RequestStatus(
            requestID: requestID, state: "score", promptTokens: UInt32(promptTokens), generatedTokens: 0,
            sequences: 1, ageMilliseconds: now - begun)
        switch work {
        case .generation(let request):
            status.generatedTokens = UInt32(request.generatedCount)
            status.sequences = request.request.sequences
            status.state = request.generatedCount == 0 ? "prefill" : "decode"
        case .scoring(let request):
            status.generatedTokens = UInt32(request.scoredCount)
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
