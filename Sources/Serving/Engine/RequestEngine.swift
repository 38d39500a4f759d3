import Messages
import Scheduling

/// Requests of all clients, from prompt to text.
///
/// A client's message becomes sequences, which the ``Scheduler`` puts into batches (``nextBatch(pipeline:)``); each result
/// that comes back (``complete(_:now:)``) becomes text or scores, and so messages to clients. A pure state machine: it
/// returns ``RequestAction``s, which its shell performs. The coordinator is a shell that connects it to sockets; an
/// in-process run connects it to a model in the same process.
public struct RequestEngine {
    let model: ServedModel
    let limits: RequestLimits
    private let admission: Admission
    private let newSeed: () -> UInt64
    package private(set) var scheduler: Scheduler
    private var requests = RequestTable()
    private var clients: ClientTable
    private var texts: TextQueue
    private var lastSequenceID: SequenceID = 0
    // In flight, and reported by ``RequestAction/cancelBatch(batchID:)``.
    private var cancelledBatches: Set<UInt64> = []
    package private(set) var finishedRequests: UInt64 = 0
    package private(set) var generatedTokens: UInt64 = 0
    /// Set while new requests are refused, with the reason for people.
    public var refusal: String?

    /// - Parameter newSeed: gives the seed of a request that brings none.
    public init(
        model: ServedModel, limits: RequestLimits = .init(), schedulerLimits: SchedulerLimits = .init(),
        newSeed: @escaping () -> UInt64
    ) {
        self.model = model
        self.limits = limits
        self.newSeed = newSeed
        admission = Admission(limits: limits)
        clients = ClientTable(limit: limits.clients)
        texts = TextQueue(limits: limits)
        scheduler = Scheduler(context: model.context, limits: schedulerLimits)
    }

    /// No request waits or runs.
    public var isIdle: Bool { requests.isEmpty && texts.requests.isEmpty && scheduler.isIdle }

    /// Nothing can be run before a client says something, credit for instance.
    public var isWaiting: Bool { scheduler.isIdle && !requests.hasUnsubmitted }

    /// Whether the client has a request under way.
    package func serves(_ client: ClientID) -> Bool { clients.contains(client) }

    /// No client has a request under way.
    package var hasNoClients: Bool { clients.count == 0 }

    /// These pipelines will run the batches.
    public mutating func pipelinesReady(_ pipelines: [PipelineDescription]) { scheduler.pipelinesReady(pipelines) }

    /// The pipelines are gone: what was under way fails.
    public mutating func pipelinesLost(_ reason: String) -> [RequestAction] {
        _ = scheduler.pipelinesLost()
        cancelledBatches = []
        let waiting = texts.requests.flatMap { end($0.key, with: .unavailable(reason)) }
        return waiting + requests.sorted.flatMap { end($0.key, with: .unavailable(reason)) }
    }

    /// A client's message. `now` counts milliseconds from any start.
    public mutating func handle(_ request: ClientRequest, from client: ClientID, now: Double) -> [RequestAction] {
        switch request {
        case .generate(let request): return take(WaitingText(client, request.requestID, .generate(request), now))
        case .score(let request): return take(WaitingText(client, request.requestID, .score(request), now))
        case .tokenize(let requestID, let prompt):
            return take(WaitingText(client, requestID, .tokenize(prompt), now))
        case .detokenize(let requestID, let tokens):
            return take(WaitingText(client, requestID, .detokenize(tokens), now))
        case .cancel(let requestID): return cancel(RequestKey(client: client, requestID: requestID))
        case .credit(let requestID, let pieces):
            return grant(pieces, RequestKey(client: client, requestID: requestID))
        case .waiting(let requestIDs):
            let waiting = texts.requestIDs(of: client)
            return requestIDs.filter {
                !waiting.contains($0) && !requests.contains(RequestKey(client: client, requestID: $0))
            }.map { .send(Refusal.unknownRequest.failure($0), to: client) }
        case .statusRequest, .traceRequest, .heartbeat: return []
        }
    }

    /// A client went away: nothing of it is kept.
    public mutating func clientGone(_ client: ClientID) -> [RequestAction] {
        texts.forget(client)
        let actions = clients.requests(of: client).flatMap { remove($0) }
        clients.forget(client)
        return actions
    }

    /// A line of `status` for each request, in the order of clients and their request ids, then for each text that waits.
    package func requestStatuses(now: Double) -> [RequestStatus] {
        requests.statuses(now: now, isRunning: scheduler.isRunning) + texts.requests.map { $0.status(now: now) }
    }

    // MARK: - Starting

    /// Checks what can be checked without tokens, and lets the text wait for its turn.
    private mutating func take(_ text: WaitingText) -> [RequestAction] {
        do throws(Refusal) {
            if text.isRequest {
                if let refusal { throw .unavailable(refusal) }
                try admission.check(text.key, requests, texts, clients)
            }
            try text.check(model, limits)
            try texts.add(text)
        } catch {
            return [.send(error.failure(text.key.requestID), to: text.key.client)]
        }
        if text.isRequest { clients.open(text.key) }
        return nextText()
    }

    private mutating func nextText() -> [RequestAction] { texts.next().map { [.run($0)] } ?? [] }

    /// What came of a ``RequestAction/run(_:)``.
    public mutating func finished(_ result: TextResult) -> [RequestAction] {
        guard let text = texts.finish(result.number) else { return nextText() }
        do throws(Refusal) {
            let reply = try reply(to: text, try result.outcome.get())
            return [.send(reply, to: text.key.client)] + flush(text.key) + nextText()
        } catch {
            if text.isRequest { clients.close(text.key) }
            return [.send(error.failure(text.key.requestID), to: text.key.client)] + nextText()
        }
    }

    /// Starts the request, or answers it.
    private mutating func reply(to text: WaitingText, _ result: TextResult.Outcome) throws(Refusal) -> ClientReply {
        if let refusal, text.isRequest { throw .unavailable(refusal) }
        switch (text.body, result) {
        case (.generate(let request), .tokens(let tokens)): return try start(request, tokens, text)
        case (.score(let request), .tokens(let tokens)): return try start(request, tokens, text)
        case (_, .tokens(let tokens)):
            return .tokenized(Tokenized(requestID: text.key.requestID, tokens: tokens.ids, warnings: tokens.warnings))
        case (_, .text(let bytes)): return .detokenized(requestID: text.key.requestID, text: bytes)
        }
    }

    private mutating func start(
        _ request: Generate, _ tokens: TextResult.Tokens, _ text: WaitingText
    ) throws(Refusal) -> ClientReply {
        let prompt = try model.prompt(tokens.ids)
        // The last token sampled is never run, so it needs no position.
        let maximum = min(Int(request.maximumTokens), model.context - prompt.count + 1)
        let ids = (1...SequenceID(request.sequences)).map { lastSequenceID + $0 }
        lastSequenceID += SequenceID(request.sequences)
        let sampling = model.sampling(of: request, newSeed: newSeed)
        var generation = GenerationRequest(request, prompt: prompt, sampling: sampling, ids: ids, model: model)
        if maximum == 0 {
            generation.endAll(.length)
        } else {
            let sequences = generation.scheduled(maximum: maximum, client: clients.number(of: text.key.client))
            do throws(AdmissionError) { try scheduler.submit(sequences) } catch { throw Refusal(error) }
        }
        requests.open(text, .generation(generation), promptTokens: prompt.count)
        return model.accepted(request, promptTokens: prompt.count, sampling: sampling, warnings: tokens.warnings)
    }

    private mutating func start(
        _ request: Score, _ tokens: TextResult.Tokens, _ text: WaitingText
    ) throws(Refusal) -> ClientReply {
        guard !tokens.ids.isEmpty else { throw .badRequest("the text is empty: there is nothing to score") }
        let before = try request.beginWithEndOfText ? model.endOfTextToPutBefore() : nil
        try admission.checkScoring(tokens: tokens.ids.count, requests)
        let scoring = ScoringRequest(request, text: tokens.ids, endOfText: before, context: model.context)
        guard scheduler.waitingCapacity(of: clients.number(of: text.key.client)) > 0 else {
            throw .queueFull(limit: scheduler.limits.waitingSequences)
        }
        requests.open(text, .scoring(scoring), promptTokens: tokens.ids.count)
        return model.accepted(request, promptTokens: tokens.ids.count, warnings: tokens.warnings)
    }

    // MARK: - Batches

    /// The next batch to send down a pipeline, if any.
    public mutating func nextBatch(pipeline: Int = 0) -> Batch? {
        submitWindows()
        guard let batch = scheduler.nextBatch(pipeline: pipeline) else { return nil }
        return Batch(
            batchID: batch.id, slices: batch.slices.map(requests.wire),
            copies: batch.copies.map { BlockCopy(from: $0.from, to: $0.to) })
    }

    /// Queues windows of long texts, as far as the queue takes them; the others are tried again with the next batch.
    private mutating func submitWindows() {
        guard scheduler.hasPipeline else { return }
        for key in requests.unsubmittedByAge {
            let client = clients.number(of: key.client)
            let capacity = scheduler.waitingCapacity(of: client)
            guard var request = requests[key] else { continue }
            let windows = request.nextWindows(capacity: capacity, client: client, after: lastSequenceID)
            // Refused, it stays as it is and is tried again with the next batch.
            guard (try? scheduler.submit(windows)) != nil else { continue }
            requests.update(key) { $0 = request }
            lastSequenceID += SequenceID(windows.count)
            requests.own(windows.map(\.id), key)
            requests.mark(key, hasUnsubmitted: windows.count == capacity)
        }
    }

    /// What came back from the last stage of a pipeline. Returns nil, and changes nothing, where it is no answer to the
    /// oldest batch that the pipeline has in flight. `now` is in milliseconds.
    public mutating func complete(_ result: BatchResult, now: Double = 0) -> [RequestAction]? {
        guard let batch = scheduler.batchInFlight(result.batchID), scheduler.isOldest(batch) else { return nil }
        let answers = BatchAnswers(result)
        guard
            answers.areComplete(
                for: batch, vocabularySize: model.vocabularySize, wanted: { requests.owner(of: $0) != nil })
        else { return nil }
        // What ends now ends with this batch, which need not be cancelled.
        cancelledBatches.insert(result.batchID)
        var actions = endFailed(batch, answers)
        cancelledBatches.remove(result.batchID)
        guard let steps = scheduler.complete(answers.outcome, now: now) else { return nil }
        for key in take(steps, answers, now: now) { actions += flush(key) }
        return actions
    }

    /// Ends the requests that the batch failed.
    private mutating func endFailed(_ batch: ScheduledBatch, _ answers: BatchAnswers) -> [RequestAction] {
        batch.slices.map(\.sequence).flatMap { sequence -> [RequestAction] in
            guard let key = requests.owner(of: sequence), let refusal = answers.refusal(of: sequence) else { return [] }
            return end(key, with: refusal)
        }
    }

    /// Hands each step to its request; returns the requests that have something new.
    private mutating func take(_ steps: [SequenceStep], _ answers: BatchAnswers, now: Double) -> [RequestKey] {
        var touched: [RequestKey] = []
        for step in steps {
            guard let key = requests.owner(of: step.sequence) else { continue }
            let result = answers.bySequence[step.sequence]
            let isComplete = requests.update(key) { $0.take(step, result, now: now) }
            if isComplete { scheduler.finish(step.sequence) }
            if step.progress.isSampled { generatedTokens += 1 }
            if touched.last != key { touched.append(key) }
        }
        return touched
    }

    // MARK: - Ending

    private mutating func grant(_ pieces: UInt32, _ key: RequestKey) -> [RequestAction] {
        texts.addCredit(pieces, to: key)
        guard requests.contains(key) else { return [] }
        requests.update(key) { $0.addCredit(pieces) }
        return flush(key)
    }

    private mutating func cancel(_ key: RequestKey) -> [RequestAction] {
        if let text = texts.remove(key) {
            clients.close(key)
            return text.cancelled.map { .send($0, to: key.client) }
        }
        guard requests.contains(key) else { return [] }
        let (ended, message) = requests.update(key) { $0.cancel() }
        if let message { return [.send(message, to: key.client)] + remove(key) }
        return stop(ended) + flush(key)
    }

    /// Ends a request with a failure.
    private mutating func end(_ key: RequestKey, with refusal: Refusal) -> [RequestAction] {
        if texts.remove(key) != nil { clients.close(key) } else if !requests.contains(key) { return [] }
        return [.send(refusal.failure(key.requestID), to: key.client)] + remove(key)
    }

    /// Forgets a request and ends its sequences.
    private mutating func remove(_ key: RequestKey) -> [RequestAction] {
        guard let request = requests.remove(key) else { return [] }
        finishedRequests += 1
        clients.close(key)
        return stop(request.sequences)
    }

    private mutating func stop(_ sequences: [SequenceID]) -> [RequestAction] {
        for id in sequences { scheduler.finish(id) }
        let cancelled = scheduler.cancelledBatches().filter { !cancelledBatches.contains($0) }
        cancelledBatches.formUnion(cancelled)
        return cancelled.map { .cancelBatch(batchID: $0) }
    }

    /// Sends what a request has ready, and closes it when all is sent. A text may then have more windows to submit.
    private mutating func flush(_ key: RequestKey) -> [RequestAction] {
        guard requests.contains(key) else { return [] }
        let (messages, isFinished) = requests.update(key) { ($0.takeMessages(), $0.isFinished) }
        if requests[key]?.isScoring == true { requests.mark(key, hasUnsubmitted: true) }
        let actions = messages.map { RequestAction.send($0, to: key.client) }
        return isFinished ? actions + remove(key) : actions
    }
}
