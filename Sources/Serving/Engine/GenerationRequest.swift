import Messages
import Scheduling

/// A `Generate` while it runs: its sequences, what they have sampled, and what the client has yet to be sent.
struct GenerationRequest {
    /// One continuation.
    struct Sequence {
        let id: SequenceID
        let index: UInt32
        var text: SequenceText
        /// Sampled tokens that are shown.
        var generated: [Int32] = []
        var reason: FinishReason?
        /// Sampled, but not sent for want of credit.
        var pending: Piece
        var isDoneSent = false
    }

    let request: Generate
    let prompt: [Int32]
    let sampling: SamplingSettings
    var sequences: [Sequence]
    var credit: UInt32

    init(
        _ request: Generate, prompt: [Int32], sampling: SamplingSettings, ids: [SequenceID], model: ServedModel
    ) {
        self.request = request
        self.prompt = prompt
        self.sampling = sampling
        credit = request.credit
        let text = SequenceText(
            tokenizer: model.tokenizer, stopStrings: request.stopStrings.map { String(decoding: $0, as: UTF8.self) },
            stopTokens: Set(request.stopTokens + model.endTokens(of: request)))
        sequences = zip(ids, UInt32(0)...).map { id, index in
            Sequence(
                id: id, index: index, text: text,
                pending: Piece(requestID: request.requestID, index: index, tokenOffset: 0, text: [], tokens: []))
        }
    }

    /// Its sequences, as the scheduler takes them.
    func scheduled(maximum: Int, client: ClientNumber) -> [SequenceRequest] {
        sequences.map {
            SequenceRequest(
                id: $0.id, tokens: prompt, purpose: .generate(maximumTokens: maximum), client: client,
                priority: request.priority.scheduled, group: sequences[0].id)
        }
    }

    var generatedCount: Int { sequences.reduce(0) { $0 + $1.generated.count } }
    var isFinished: Bool { sequences.allSatisfy(\.isDoneSent) }

    /// What the last stage needs to sample the sequence's next token.
    func output(for id: SequenceID) -> SampleOutput? {
        guard let sequence = sequences.first(where: { $0.id == id }) else { return nil }
        let penalised = sampling.needsHistory
        return SampleOutput(
            parameters: sampling, history: penalised ? prompt + sequence.generated : [],
            promptCount: penalised ? UInt32(prompt.count) : 0, alternatives: request.alternatives)
    }

    func index(of id: SequenceID) -> Int? { sequences.firstIndex { $0.id == id } }

    /// Takes in a sampled token; returns whether the sequence is complete.
    mutating func append(_ result: TokenResult, to id: SequenceID, isLast: Bool) -> Bool {
        guard let place = index(of: id), sequences[place].reason == nil else { return true }
        let addition = sequences[place].text.append(result.token, isLast: isLast)
        sequences[place].pending.text.append(contentsOf: addition.text.utf8)
        if addition.isShown {
            sequences[place].generated.append(result.token)
            sequences[place].pending.tokens.append(result.token)
            if request.logprobs { sequences[place].pending.logprobs.append(result) }
        }
        if addition.isStopped {
            sequences[place].reason = .stop
        } else if isLast {
            sequences[place].reason = .length
        }
        return sequences[place].reason != nil
    }

    /// Ends all sequences before they begin.
    mutating func endAll(_ reason: FinishReason) {
        for place in sequences.indices { sequences[place].reason = reason }
    }

    /// Ends what still runs; returns those sequences.
    mutating func cancel() -> [SequenceID] {
        var ended: [SequenceID] = []
        for place in sequences.indices where sequences[place].reason == nil {
            sequences[place].reason = .cancelled
            sequences[place].pending.text.append(contentsOf: sequences[place].text.finish().text.utf8)
            ended.append(sequences[place].id)
        }
        return ended
    }

    /// What the client can be sent now. Without credit pieces grow instead, so a slow reader holds up nobody; what waits
    /// is bounded by the context.
    mutating func takeMessages() -> [ClientReply] {
        var messages: [ClientReply] = []
        for place in sequences.indices {
            if hasPending(place), credit > 0 {
                credit -= 1
                messages.append(.piece(takePending(place)))
            }
            if let reason = sequences[place].reason, !sequences[place].isDoneSent, !hasPending(place) {
                sequences[place].isDoneSent = true
                messages.append(.done(done(sequences[place], reason)))
            }
        }
        return messages
    }

    private func done(_ sequence: Sequence, _ reason: FinishReason) -> Done {
        Done(
            requestID: request.requestID, index: sequence.index, reason: reason, seed: sampling.seed,
            promptTokens: UInt32(prompt.count), generatedTokens: UInt32(sequence.generated.count),
            isContextFull: reason == .length && sequence.generated.count < Int(request.maximumTokens))
    }

    private func hasPending(_ place: Int) -> Bool {
        !sequences[place].pending.text.isEmpty || !sequences[place].pending.tokens.isEmpty
    }

    private mutating func takePending(_ place: Int) -> Piece {
        let piece = sequences[place].pending
        sequences[place].pending = Piece(
            requestID: request.requestID, index: piece.index, tokenOffset: UInt32(sequences[place].generated.count),
            text: [], tokens: [])
        return piece
    }
}
