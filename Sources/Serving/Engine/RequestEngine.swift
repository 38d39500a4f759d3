import Messages
import Scheduling

/// Requests of all clients, from prompt to text.
///
/// A client's message becomes sequences, which the ``Scheduler`` puts into batches (``nextBatch(pipeline:)``); each result
/// that comes back (``complete(_:now:)``) becomes text or scores, and so messages to clients. A pure state machine: it
/// returns ``RequestAction``s, which its shell performs. The coordinator is a shell that connects it to sockets; an
/// in-process run connects it to a model in the same process.
public struct RequestEngine {
    private let model: ServedModel
    private let limits: RequestLimits
    private let admission: Admission
    private let newSeed: () -> UInt64
    package private(set) var scheduler: Scheduler
    private var requests = RequestTable()
    private var clients: ClientTable
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
        scheduler = Scheduler(context: model.context, limits: schedulerLimits)
    }

    /// No request waits or runs.
    public var isIdle: Bool { requests.isEmpty && scheduler.isIdle }

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
        return requests.sorted.flatMap { end($0.key, with: .unavailable(reason)) }
    }

    /// A client's message. `now` counts milliseconds from any start.
    public mutating func handle(_ request: ClientRequest, from client: ClientID, now: Double) -> [RequestAction] {
        switch request {
        case .generate(let request):
            return admit(RequestKey(client: client, requestID: request.requestID)) { engine, key throws(Refusal) in
                try engine.start(request, key, now: now)
            }
        case .score(let request):
            return admit(RequestKey(client: client, requestID: request.requestID)) { engine, key throws(Refusal) in
                try engine.start(request, key, now: now)
            }
        case .cancel(let requestID):
            return cancel(RequestKey(client: client, requestID: requestID))
        case .credit(let requestID, let pieces):
            return grant(pieces, RequestKey(client: client, requestID: requestID))
        case .waiting(let requestIDs):
            return requestIDs.filter { !requests.contains(RequestKey(client: client, requestID: $0)) }
                .map { .send(Refusal.unknownRequest.failure($0), to: client) }
        case .tokenize(let requestID, let prompt):
            return answer(requestID, client) { (model, limits) throws(Refusal) in
                try model.tokenized(requestID, prompt, limits: limits)
            }
        case .detokenize(let requestID, let tokens):
            return answer(requestID, client) { (model, limits) throws(Refusal) in
                .detokenized(requestID: requestID, text: try model.text(of: tokens, limits: limits))
            }
        case .statusRequest, .traceRequest, .heartbeat:
            return []
        }
    }

    /// A client went away: nothing of it is kept.
    public mutating func clientGone(_ client: ClientID) -> [RequestAction] {
        let actions = clients.requests(of: client).flatMap { remove($0) }
        clients.forget(client)
        return actions
    }

    /// A line of `status` for each request, in the order of clients and their request ids.
    package func requestStatuses(now: Double) -> [RequestStatus] {
        requests.sorted.map { key, request in
            let isQueued = !request.sequences.contains { scheduler.isRunning($0) }
            return request.status(key, isQueued: isQueued, now: now)
        }
    }

    // MARK: - Starting

    private mutating func admit(
        _ key: RequestKey, _ start: (inout RequestEngine, RequestKey) throws(Refusal) -> ClientReply
    ) -> [RequestAction] {
        do throws(Refusal) {
            if let refusal { throw .unavailable(refusal) }
            try admission.check(key, requests, clients)
            let accepted = try start(&self, key)
            return [.send(accepted, to: key.client)] + flush(key)
        } catch {
            return [.send(error.failure(key.requestID), to: key.client)]
        }
    }

    private func answer(
        _ requestID: UInt64, _ client: ClientID, _ make: (ServedModel, RequestLimits) throws(Refusal) -> ClientReply
    ) -> [RequestAction] {
        do throws(Refusal) {
            return [.send(try make(model, limits), to: client)]
        } catch {
            return [.send(error.failure(requestID), to: client)]
        }
    }

    private mutating func start(_ request: Generate, _ key: RequestKey, now: Double) throws(Refusal) -> ClientReply {
        try request.check(limits, model: model)
        let prompt = try model.prompt(of: request, limits: limits)
        // The last token sampled is never run, so it needs no position.
        let maximum = min(Int(request.maximumTokens), model.context - prompt.count + 1)
        let ids = (1...SequenceID(request.sequences)).map { lastSequenceID + $0 }
        lastSequenceID += SequenceID(request.sequences)
        let sampling = model.sampling(of: request, newSeed: newSeed)
        var generation = GenerationRequest(request, prompt: prompt, sampling: sampling, ids: ids, model: model)
        if maximum == 0 {
            generation.endAll(.length)
        } else {
            let number = clients.number(of: key.client)
            let sequences = ids.map {
                SequenceRequest(
                    id: $0, tokens: prompt, purpose: .generate(maximumTokens: maximum), client: number,
                    priority: request.priority.scheduled, group: ids[0])
            }
            do throws(AdmissionError) { try scheduler.submit(sequences) } catch { throw Refusal(error) }
        }
        open(key, .generation(generation), promptTokens: prompt.count, now: now)
        return model.accepted(request, promptTokens: prompt.count, sampling: sampling)
    }

    private mutating func start(_ request: Score, _ key: RequestKey, now: Double) throws(Refusal) -> ClientReply {
        try request.check(limits, model: model)
        let text = try model.tokens(of: request.prompt, limits: limits)
        guard !text.isEmpty else { throw .badRequest("the text is empty: there is nothing to score") }
        let before = try request.beginWithEndOfText ? model.endOfTextToPutBefore() : nil
        try admission.checkScoring(tokens: text.count, requests)
        let scoring = ScoringRequest(request, text: text, endOfText: before, context: model.context)
        guard scheduler.waitingCapacity(of: clients.number(of: key.client)) > 0 else {
            throw .queueFull(limit: scheduler.limits.waitingSequences)
        }
        open(key, .scoring(scoring), promptTokens: text.count, now: now)
        return model.accepted(request, promptTokens: text.count)
    }

    private mutating func open(_ key: RequestKey, _ work: ActiveRequest.Work, promptTokens: Int, now: Double) {
        requests.open(key, ActiveRequest(work: work, promptTokens: promptTokens, begun: now))
        clients.open(key)
    }

    // MARK: - Batches

    /// The next batch to send down a pipeline, if any.
    public mutating func nextBatch(pipeline: Int = 0) -> Batch? {
        submitWindows()
        guard let batch = scheduler.nextBatch(pipeline: pipeline) else { return nil }
        return Batch(
            batchID: batch.id, slices: batch.slices.map(slice),
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

    private func slice(_ slice: ScheduledSlice) -> Slice {
        var wire = Slice(
            sequenceID: slice.sequence, index: 0, start: UInt32(slice.start), tokens: slice.tokens,
            blockTable: slice.blockTable)
        guard let key = requests.owner(of: slice.sequence), let request = requests[key] else { return wire }
        request.complete(&wire, of: slice)
        return wire
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
        batch.slices.flatMap { slice -> [RequestAction] in
            guard let key = requests.owner(of: slice.sequence), let refusal = answers.refusal(of: slice.sequence) else {
                return []
            }
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
        guard requests.contains(key) else { return [] }
        requests.update(key) { $0.addCredit(pieces) }
        return flush(key)
    }

    private mutating func cancel(_ key: RequestKey) -> [RequestAction] {
        guard requests.contains(key) else { return [] }
        let (ended, message) = requests.update(key) { $0.cancel() }
        if let message { return [.send(message, to: key.client)] + remove(key) }
        return stop(ended) + flush(key)
    }

    /// Ends a request with a failure.
    private mutating func end(_ key: RequestKey, with refusal: Refusal) -> [RequestAction] {
        guard requests.contains(key) else { return [] }
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
