import Scheduling
import Tokenizer
import Wire

/// Identity of a client's connection.
public typealias ClientID = [UInt8]

/// What the engine wants done.
public enum RequestDirective: Sendable, Equatable {
    case send(WireMessage.Body, to: ClientID)
    /// No sequence of this batch, which is under way, is wanted any more.
    case abandon(batchID: UInt64)
}

/// Requests of all clients, from prompt to text: takes client messages and batch results in, gives messages and batches
/// out. A pure state machine around the ``Scheduler``; the coordinator connects it to sockets, `--local` to a model in the
/// same process.
public struct RequestEngine {
    let model: ServedModel
    let limits: RequestLimits
    private let drawSeed: () -> UInt64
    package private(set) var scheduler: Scheduler
    private var lastSequenceID: SequenceID = 0
    package private(set) var clients: [ClientID: Set<UInt64>] = [:]
    private(set) var active: [RequestKey: ActiveRequest] = [:]
    private var owners: [SequenceID: RequestKey] = [:]
    // Scoring requests that may have windows to submit.
    private var hungry: Set<RequestKey> = []
    private var abandonedBatch: UInt64?
    package private(set) var finishedRequests: UInt64 = 0
    package private(set) var generatedTokens: UInt64 = 0
    /// Set while new requests are refused, with the reason for people.
    public var refusal: String?

    /// - Parameter drawSeed: gives the seed of a request that brings none.
    public init(
        model: ServedModel, limits: RequestLimits = .init(), schedulerLimits: SchedulerLimits = .init(),
        drawSeed: @escaping () -> UInt64
    ) {
        self.model = model
        self.limits = limits
        self.drawSeed = drawSeed
        scheduler = Scheduler(context: model.context, limits: schedulerLimits)
    }

    /// No request waits or runs.
    public var isIdle: Bool { active.isEmpty && scheduler.isIdle }

    /// Nothing can be run before a client says something, credit for instance.
    public var isWaiting: Bool { scheduler.isIdle && hungry.isEmpty }

    /// A pipeline with so many KV cache blocks will run the batches.
    public mutating func pipelineReady(blocks: Int) { scheduler.pipelineReady(blocks: blocks) }

    /// The pipeline is gone: what was under way fails.
    public mutating func pipelineLost(_ reason: String) -> [RequestDirective] {
        _ = scheduler.pipelineLost()
        let lost = active.keys.sorted()
        return lost.flatMap {
            end($0, with: Refusal(code: .unavailable, message: reason, retryMilliseconds: 1_000))
        }
    }

    /// A client's message. `now` counts milliseconds from any start.
    public mutating func handle(_ body: WireMessage.Body, from client: ClientID, now: UInt64) -> [RequestDirective] {
        switch body {
        case .generate(let request):
            return admit(request.requestID, client) { engine, key throws(Refusal) in
                try engine.start(request, key, now: now)
            }
        case .score(let request):
            return admit(request.requestID, client) { engine, key throws(Refusal) in
                try engine.start(request, key, now: now)
            }
        case .cancel(let requestID):
            return cancel(RequestKey(client: client, requestID: requestID))
        case .credit(let requestID, let pieces):
            return grant(pieces, RequestKey(client: client, requestID: requestID))
        case .waiting(let requestIDs):
            return requestIDs.filter { active[RequestKey(client: client, requestID: $0)] == nil }
                .map { .send(Refusal.unknownRequest.failure($0), to: client) }
        case .tokenize(let requestID, let prompt):
            return answer(requestID, client) { (model, limits) throws(Refusal) in
                .tokenized(requestID: requestID, tokens: try model.tokens(of: prompt, limits: limits))
            }
        case .detokenize(let requestID, let tokens):
            return answer(requestID, client) { (model, limits) throws(Refusal) in
                .detokenized(requestID: requestID, text: try model.text(of: tokens, limits: limits))
            }
        default:
            return []
        }
    }

    /// A client went away: nothing of it is kept.
    public mutating func clientGone(_ client: ClientID) -> [RequestDirective] {
        let keys = (clients[client] ?? []).map { RequestKey(client: client, requestID: $0) }
        let directives = keys.sorted().flatMap { remove($0) }
        clients[client] = nil
        return directives
    }

    // MARK: - Batches

    /// The batch to send now, if any.
    public mutating func nextBatch() -> Batch? {
        submitWindows()
        guard let batch = scheduler.nextBatch() else { return nil }
        return Batch(batchID: batch.id, slices: batch.slices.map(wireSlice))
    }

    /// Puts windows of long texts into the queue, as far as it has room; the others are tried again with the next batch.
    private mutating func submitWindows() {
        guard scheduler.hasPipeline, scheduler.batchInFlight == nil else { return }
        for key in hungry.sorted() {
            guard case .scoring(var request) = active[key]?.work else {
                hungry.remove(key)
                continue
            }
            let room = scheduler.waitingRoom
            var last = lastSequenceID
            let sequences = request.nextSequences(room: room) {
                last += 1
                return last
            }
            // A window is never longer than the context, for which every pipeline has blocks.
            guard (try? scheduler.submit(sequences)) != nil else { continue }
            lastSequenceID = last
            for sequence in sequences { owners[sequence.id] = key }
            active[key]?.work = .scoring(request)
            if sequences.count < room { hungry.remove(key) }
        }
    }

    private func wireSlice(_ slice: ScheduledSlice) -> Slice {
        var wire = Slice(
            sequenceID: slice.sequence, index: 0, start: UInt32(slice.start), tokens: slice.tokens,
            blockTable: slice.blockTable)
        switch owners[slice.sequence].flatMap({ active[$0] })?.work {
        case .generation(let request):
            if let place = request.index(of: slice.sequence) { wire.index = request.sequences[place].index }
            wire.sample = slice.samples ? request.output(for: slice.sequence) : nil
        case .scoring(let request):
            wire.score = request.output(for: slice)
        case nil:
            break
        }
        return wire
    }

    /// What came back from the last stage. Returns nil, and changes nothing, where it is no answer to the batch in flight.
    public mutating func complete(_ result: BatchResult) -> [RequestDirective]? {
        guard result.batchID == scheduler.batchInFlight else { return nil }
        var byID: [SequenceID: SequenceResult] = [:]
        for sequence in result.sequences { byID[sequence.sequenceID] = sequence }
        guard result.error != nil || isAnswered(by: byID, isHusk: result.abandoned) else { return nil }
        var directives = endFailed(result, byID)
        let drawn = byID.compactMapValues { $0.sampled?.token }
        guard let steps = scheduler.complete(batch: result.batchID, drawn: drawn) else { return nil }
        for key in take(steps, byID) { directives += flush(key) }
        return directives
    }

    /// Whether each sequence of the batch in flight that is still wanted got what it asked for: a token of the
    /// vocabulary, a score for each of its rows, or an error.
    private func isAnswered(by results: [SequenceID: SequenceResult], isHusk: Bool) -> Bool {
        for slice in scheduler.slicesInFlight where owners[slice.sequence] != nil {
            if isHusk { return false }
            let result = results[slice.sequence]
            if result?.error != nil { continue }
            if slice.samples {
                guard let token = result?.sampled?.token, token >= 0, token < model.vocabularySize else { return false }
            }
            if let rows = slice.scoredRows, result?.scores.count != rows.count { return false }
        }
        return true
    }

    /// Ends the requests that the batch failed.
    private mutating func endFailed(
        _ result: BatchResult, _ results: [SequenceID: SequenceResult]
    ) -> [RequestDirective] {
        var directives: [RequestDirective] = []
        for slice in scheduler.slicesInFlight {
            guard let key = owners[slice.sequence] else { continue }
            if let error = result.error {
                directives += end(key, with: Refusal(code: .internal, message: error))
            } else if let error = results[slice.sequence]?.error {
                directives += end(key, with: .badRequest(error))
            }
        }
        // The batch is back already: nothing of it is left to give up.
        return directives.filter { $0 != .abandon(batchID: result.batchID) }
    }

    /// Hands each step to its request; returns the requests that have something new.
    private mutating func take(_ steps: [SequenceStep], _ results: [SequenceID: SequenceResult]) -> [RequestKey] {
        var touched: [RequestKey] = []
        for step in steps {
            guard let key = owners[step.sequence], var request = active[key] else { continue }
            if request.take(step.progress, of: step.sequence, result: results[step.sequence]) {
                scheduler.finish(step.sequence)
            }
            active[key] = request
            if step.progress.isDrawn { generatedTokens += 1 }
            if touched.last != key { touched.append(key) }
        }
        return touched
    }

    // MARK: - Requests

    private mutating func admit(
        _ requestID: UInt64, _ client: ClientID,
        _ start: (inout RequestEngine, RequestKey) throws(Refusal) -> [RequestDirective]
    ) -> [RequestDirective] {
        let key = RequestKey(client: client, requestID: requestID)
        do throws(Refusal) {
            if let refusal {
                throw Refusal(code: .unavailable, message: refusal, retryMilliseconds: 1_000)
            }
            guard active[key] == nil else { throw .badRequest("request \(requestID) is running already") }
            let running = clients[client]?.count ?? 0
            guard running < limits.requestsPerClient else {
                throw Refusal(
                    code: .overloaded, message: "\(running) requests of this client are running already",
                    retryMilliseconds: 1_000)
            }
            guard active.count < limits.requests else {
                throw Refusal(
                    code: .overloaded, message: "\(active.count) requests are running already",
                    retryMilliseconds: 1_000)
            }
            guard clients[client] != nil || clients.count < limits.clients else {
                throw Refusal(
                    code: .overloaded, message: "\(clients.count) clients are served already",
                    retryMilliseconds: 1_000)
            }
            return try start(&self, key)
        } catch {
            return [.send(error.failure(requestID), to: client)]
        }
    }

    private func answer(
        _ requestID: UInt64, _ client: ClientID,
        _ make: (ServedModel, RequestLimits) throws(Refusal) -> WireMessage.Body
    ) -> [RequestDirective] {
        do throws(Refusal) {
            return [.send(try make(model, limits), to: client)]
        } catch {
            return [.send(error.failure(requestID), to: client)]
        }
    }

    private mutating func start(
        _ request: Generate, _ key: RequestKey, now: UInt64
    ) throws(Refusal) -> [RequestDirective] {
        try request.check(limits, model: model)
        var prompt = try model.tokens(of: request.prompt, limits: limits)
        if prompt.isEmpty, let endOfText = model.endOfText { prompt = [endOfText] }
        guard !prompt.isEmpty else { throw .badRequest("the prompt is empty") }
        guard prompt.count <= model.context else {
            throw .badRequest("the prompt has \(prompt.count) tokens, and the model's context is \(model.context)")
        }
        let maximum = min(Int(request.maximumTokens), model.context - prompt.count)
        let ids = (0..<request.sequences).map { _ in nextSequenceID() }
        var generation = GenerationRequest(
            request, prompt: prompt, seed: request.parameters.seed ?? drawSeed(), ids: ids,
            tokenizer: model.tokenizer, endOfText: model.endOfText)
        if maximum == 0 {
            for place in generation.sequences.indices { generation.sequences[place].reason = .length }
        } else {
            try submit(
                ids.map { SequenceRequest(id: $0, tokens: prompt, purpose: .generate(maximumTokens: maximum)) })
        }
        open(key, .generation(generation), promptTokens: prompt.count, now: now)
        for id in ids { owners[id] = key }
        return flush(key)
    }

    private mutating func start(_ request: Score, _ key: RequestKey, now: UInt64) throws(Refusal) -> [RequestDirective]
    {
        try request.check(limits, model: model)
        let text = try model.tokens(of: request.prompt, limits: limits)
        guard !text.isEmpty else { throw .badRequest("the text is empty: there is nothing to score") }
        var before: Int32?
        if request.beginWithEndOfText {
            guard let endOfText = model.endOfText else {
                throw .badRequest("this model has no <|endoftext|> to put before the text")
            }
            before = endOfText
        }
        let scored = active.values.reduce(text.count) { $0 + $1.scoringTokens }
        guard scored <= limits.scoringTokens else {
            throw Refusal(
                code: .overloaded, message: "texts of \(limits.scoringTokens) tokens together are being scored already",
                retryMilliseconds: 1_000)
        }
        let scoring = ScoringRequest(request, text: text, endOfText: before, context: model.context)
        guard scheduler.waitingRoom > 0 else { throw .queueFull(limit: scheduler.limits.waitingSequences) }
        open(key, .scoring(scoring), promptTokens: text.count, now: now)
        return flush(key)
    }

    private mutating func nextSequenceID() -> SequenceID {
        lastSequenceID += 1
        return lastSequenceID
    }

    private mutating func submit(_ sequences: [SequenceRequest]) throws(Refusal) {
        do throws(AdmissionError) {
            try scheduler.submit(sequences)
        } catch {
            switch error {
            case .neverFits: throw .badRequest("the request \(error)")
            case .queueFull(let limit): throw .queueFull(limit: limit)
            case .noPipeline: throw Refusal(code: .unavailable, message: "\(error)", retryMilliseconds: 1_000)
            }
        }
    }

    private mutating func open(_ key: RequestKey, _ work: ActiveRequest.Work, promptTokens: Int, now: UInt64) {
        active[key] = ActiveRequest(work: work, promptTokens: promptTokens, begun: now)
        clients[key.client, default: []].insert(key.requestID)
    }

    private mutating func grant(_ pieces: UInt32, _ key: RequestKey) -> [RequestDirective] {
        guard active[key] != nil else { return [] }
        active[key]?.addCredit(pieces)
        return flush(key)
    }

    private mutating func cancel(_ key: RequestKey) -> [RequestDirective] {
        switch active[key]?.work {
        case .generation(var request):
            let ended = request.cancel()
            // What was drawn before the cancel is shown, credit or not: it is the last the client hears.
            request.credit = .max
            active[key]?.work = .generation(request)
            return stop(ended) + flush(key)
        case .scoring(let request):
            return [.send(request.done(.cancelled), to: key.client)] + remove(key)
        case nil:
            return []
        }
    }

    /// Ends a request with a failure.
    private mutating func end(_ key: RequestKey, with refusal: Refusal) -> [RequestDirective] {
        guard active[key] != nil else { return [] }
        return [.send(refusal.failure(key.requestID), to: key.client)] + remove(key)
    }

    /// Forgets a request and ends its sequences.
    private mutating func remove(_ key: RequestKey) -> [RequestDirective] {
        guard let request = active.removeValue(forKey: key) else { return [] }
        finishedRequests += 1
        clients[key.client]?.remove(key.requestID)
        if clients[key.client]?.isEmpty == true { clients[key.client] = nil }
        let sequences = request.sequences
        for id in sequences { owners[id] = nil }
        return stop(sequences)
    }

    private mutating func stop(_ sequences: [SequenceID]) -> [RequestDirective] {
        for id in sequences { scheduler.finish(id) }
        guard let batch = scheduler.abandonedBatch(), batch != abandonedBatch else { return [] }
        abandonedBatch = batch
        return [.abandon(batchID: batch)]
    }

    /// Sends what a request has ready, submits its next windows, and closes it when all is sent.
    private mutating func flush(_ key: RequestKey) -> [RequestDirective] {
        var messages: [WireMessage.Body] = []
        var isFinished = false
        switch active[key]?.work {
        case .generation(var request):
            messages = request.takeMessages()
            isFinished = request.isFinished
            active[key]?.work = .generation(request)
        case .scoring(var request):
            messages = request.takeMessages()
            isFinished = request.isFinished
            active[key]?.work = .scoring(request)
            hungry.insert(key)
        case nil:
            return []
        }
        let directives = messages.map { RequestDirective.send($0, to: key.client) }
        return isFinished ? directives + remove(key) : directives
    }
}
