import Messages
import Scheduling

/// A request under way.
struct ActiveRequest {
    enum Work {
        case generation(GenerationRequest)
        case scoring(ScoringRequest)
    }

    private var work: Work
    let promptTokens: Int
    /// When it came, in the engine's milliseconds.
    let begun: Double
    /// When its first token was sampled, and its last.
    private(set) var firstToken: Double?
    private(set) var lastToken: Double?
    private(set) var tokenCount = 0

    init(work: Work, promptTokens: Int, begun: Double) {
        self.work = work
        self.promptTokens = promptTokens
        self.begun = begun
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
    mutating func take(_ step: SequenceStep, _ result: SequenceResult?, now: Double) -> Bool {
        if step.progress.isSampled {
            firstToken = firstToken ?? now
            lastToken = now
            tokenCount += 1
        }
        switch work {
        case .generation(var request):
            guard step.progress.isSampled, let sampled = result?.sampled else { return false }
            let complete = request.append(sampled, to: step.sequence, isLast: step.progress.isLast)
            work = .generation(request)
            return complete
        case .scoring(var request):
            request.append(result?.scores ?? [], to: step.sequence)
            work = .scoring(request)
            return step.progress.isLast
        }
    }

    /// Says what is wanted of a slice of one of its sequences.
    func complete(_ wire: inout Slice, of slice: ScheduledSlice) {
        switch work {
        case .generation(let request):
            if let place = request.index(of: slice.sequence) { wire.index = request.sequences[place].index }
            wire.sample = slice.samples ? request.output(for: slice.sequence) : nil
        case .scoring(let request):
            wire.score = request.output(for: slice)
        }
    }

    /// Windows of a text to submit now, `capacity` at most, with the ids that follow `last`; none of a generation.
    mutating func nextWindows(
        capacity: Int, client: ClientNumber, after last: SequenceID
    ) -> [SequenceRequest] {
        guard case .scoring(var request) = work else { return [] }
        let windows = request.nextSequences(capacity: capacity, client: client, after: last)
        work = .scoring(request)
        return windows
    }

    /// What the client can be sent now.
    mutating func takeMessages() -> [ClientReply] {
        switch work {
        case .generation(var request):
            defer { work = .generation(request) }
            return request.takeMessages()
        case .scoring(var request):
            defer { work = .scoring(request) }
            return request.takeMessages()
        }
    }

    var isFinished: Bool {
        switch work {
        case .generation(let request): request.isFinished
        case .scoring(let request): request.isFinished
        }
    }

    var isScoring: Bool {
        if case .scoring = work { return true }
        return false
    }

    /// Ends what still runs.
    /// - Returns: the sequences that ended, and, where nothing else is to be sent, the last message.
    mutating func cancel() -> (ended: [SequenceID], last: ClientReply?) {
        switch work {
        case .generation(var request):
            let ended = request.cancel()
            // What was sampled before the cancel is shown, credit or not: it is the last the client hears.
            request.credit = .max
            work = .generation(request)
            return (ended, nil)
        case .scoring(let request):
            return ([], request.done(.cancelled))
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
            requestID: key.requestID, state: "score", promptTokens: UInt32(promptTokens), sequences: 1,
            ageMilliseconds: UInt64(max(0, now - begun))
        ) {
            $0.generatedTokens = 0
        }
        status.firstTokenMilliseconds = firstToken.map { UInt64(max(0, $0 - begun)) }
        status.tokensPerSecond = tokensPerSecond
        status.client = key.client.shortText
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
    var isSampled: Bool {
        switch self {
        case .sampled, .sampledLast: true
        default: false
        }
    }

    /// Nothing more will come.
    var isLast: Bool {
        switch self {
        case .sampledLast, .scoredLast: true
        default: false
        }
    }
}

extension RequestPriority {
    var scheduled: SequencePriority {
        switch self {
        case .low: .low
        case .normal: .normal
        case .high: .high
        }
    }
}
