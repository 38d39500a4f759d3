import Messages

/// A client's message whose text waits to be tokenized, or whose tokens wait to become a text.
struct WaitingText {
    enum Body {
        case generate(Generate)
        case score(Score)
        case tokenize(Prompt)
        case detokenize([Int32])
    }

    let key: RequestKey
    var body: Body
    /// When it came, in the engine's milliseconds.
    let begun: Double

    init(_ client: ClientID, _ requestID: UInt64, _ body: Body, _ begun: Double) {
        key = RequestKey(client: client, requestID: requestID)
        (self.body, self.begun) = (body, begun)
    }

    /// Whether it becomes a request that is under way, rather than one answer.
    var isRequest: Bool {
        switch body {
        case .generate, .score: true
        case .tokenize, .detokenize: false
        }
    }

    var work: TextJob.Work {
        switch body {
        case .generate(let request): .tokens(of: request.prompt)
        case .score(let request): .tokens(of: request.prompt)
        case .tokenize(let prompt): .tokens(of: prompt)
        case .detokenize(let tokens): .text(of: tokens)
        }
    }

    /// What it holds in memory.
    var bytes: Int {
        switch work {
        case .tokens(let prompt): prompt.bytes
        case .text(let tokens): 4 * tokens.count
        }
    }

    /// Refuses what needs no tokens to be refused.
    func check(_ model: ServedModel, _ limits: RequestLimits) throws(Refusal) {
        switch body {
        case .generate(let request):
            try request.check(limits, model: model)
            try model.checkSize(of: request.prompt, limits: limits)
            try model.checkFits(request.prompt)
        case .score(let request):
            try request.check(limits, model: model)
            try model.checkSize(of: request.prompt, limits: limits)
        case .tokenize(let prompt): try model.checkSize(of: prompt, limits: limits)
        case .detokenize: break
        }
    }

    mutating func addCredit(_ pieces: UInt32) {
        switch body {
        case .generate(var request):
            request.credit = request.credit.addingReportingOverflow(pieces).overflow ? .max : request.credit + pieces
            body = .generate(request)
        case .score(var request):
            request.credit = request.credit.addingReportingOverflow(pieces).overflow ? .max : request.credit + pieces
            body = .score(request)
        case .tokenize, .detokenize: break
        }
    }

    /// What its client hears where it is cancelled before it begins.
    var cancelled: [ClientReply] {
        func done(_ index: UInt32, seed: UInt64) -> ClientReply {
            .done(
                Done(
                    requestID: key.requestID, index: index, reason: .cancelled, seed: seed, promptTokens: 0,
                    generatedTokens: 0))
        }
        switch body {
        case .generate(let request): return (0..<request.sequences).map { done($0, seed: request.parameters.seed ?? 0) }
        case .score: return [done(0, seed: 0)]
        case .tokenize, .detokenize: return []
        }
    }

    /// One line of `status`.
    func status(now: Double) -> RequestStatus {
        RequestStatus(
            requestID: key.requestID, state: "queued", promptTokens: 0, sequences: 1,
            ageMilliseconds: UInt64(max(0, now - begun))
        ) {
            $0.client = key.client.shortText
            switch body {
            case .generate(let request): ($0.sequences, $0.priority) = (request.sequences, request.priority)
            case .score(let request): $0.priority = request.priority
            case .tokenize, .detokenize: break
            }
        }
    }
}

extension Prompt {
    fileprivate var bytes: Int {
        switch content {
        case .text(let text): text.count
        case .tokens(let tokens): 4 * tokens.count
        }
    }
}
