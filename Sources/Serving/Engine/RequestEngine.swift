import Messages
import Scheduling
import Tokenizer

/// Identity of a client's connection.
public typealias ClientID = [UInt8]

/// What the engine wants done.
public enum RequestAction: Sendable, Equatable {
    case send(ClientReply, to: ClientID)
    /// No sequence of this batch, which is under way, is wanted any more.
    case cancelBatch(batchID: UInt64)
}

/// Requests of all clients, from prompt to text: takes client messages and batch results in, gives messages and batches
/// out. A pure state machine around the ``Scheduler``; the coordinator connects it to sockets, `--local` to a model in the
/// same process.
public struct RequestEngine {
    let model: ServedModel
    let limits: RequestLimits
    private let drawSeed: () -> UInt64
    package internal(set) var scheduler: Scheduler
    var lastSequenceID: SequenceID = 0
    package private(set) var clients: [ClientID: Set<UInt64>] = [:]
    // By which the scheduler knows them.
    private var clientNumbers: [ClientID: ClientNumber] = [:]
    private var lastClientNumber: ClientNumber = 0
    var active: [RequestKey: ActiveRequest] = [:]
    var owners: [SequenceID: RequestKey] = [:]
    // Scoring requests that may have windows to submit.
    var hungry: Set<RequestKey> = []
    // Batches under way that were said to be given up.
    var abandonedBatches: Set<UInt64> = []
    package private(set) var finishedRequests: UInt64 = 0
    package internal(set) var generatedTokens: UInt64 = 0
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

    /// These pipelines will run the batches.
    public mutating func pipelinesReady(_ pipelines: [PipelineDescription]) { scheduler.pipelinesReady(pipelines) }

    /// The pipelines are gone: what was under way fails.
    public mutating func pipelinesLost(_ reason: String) -> [RequestAction] {
        _ = scheduler.pipelinesLost()
        abandonedBatches = []
        let lost = active.keys.sorted()
        return lost.flatMap {
            end($0, with: Refusal(code: .unavailable, message: reason, retryMilliseconds: 1_000))
        }
    }

    /// A client's message. `now` counts milliseconds from any start.
    public mutating func handle(_ request: ClientRequest, from client: ClientID, now: Double) -> [RequestAction] {
        switch request {
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
        case .statusRequest, .traceRequest, .heartbeat:
            return []
        }
    }

    /// A client went away: nothing of it is kept.
    public mutating func clientGone(_ client: ClientID) -> [RequestAction] {
        let keys = (clients[client] ?? []).map { RequestKey(client: client, requestID: $0) }
        let directives = keys.sorted().flatMap { remove($0) }
        clients[client] = nil
        clientNumbers[client] = nil
        return directives
    }

    /// A line of `status` for each request, in the order of clients and their request ids.
    package func requestStatuses(now: Double) -> [RequestStatus] {
        active.sorted { $0.key < $1.key }.map { key, request in
            let isQueued = !request.sequences.contains { scheduler.isRunning($0) }
            return request.status(key, isQueued: isQueued, now: now)
        }
    }

    // MARK: - Requests

    private mutating func admit(
        _ requestID: UInt64, _ client: ClientID,
        _ start: (inout RequestEngine, RequestKey) throws(Refusal) -> [RequestAction]
    ) -> [RequestAction] {
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
        _ make: (ServedModel, RequestLimits) throws(Refusal) -> ClientReply
    ) -> [RequestAction] {
        do throws(Refusal) {
            return [.send(try make(model, limits), to: client)]
        } catch {
            return [.send(error.failure(requestID), to: client)]
        }
    }

    private mutating func start(
        _ request: Generate, _ key: RequestKey, now: Double
    ) throws(Refusal) -> [RequestAction] {
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
            let number = clientNumber(key.client)
            try submit(
                ids.map {
                    SequenceRequest(
                        id: $0, tokens: prompt, purpose: .generate(maximumTokens: maximum), client: number,
                        priority: request.priority.scheduled, group: ids[0])
                })
        }
        open(key, .generation(generation), promptTokens: prompt.count, now: now)
        for id in ids { owners[id] = key }
        return flush(key)
    }

    private mutating func start(_ request: Score, _ key: RequestKey, now: Double) throws(Refusal) -> [RequestAction] {
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
        guard scheduler.waitingRoom(of: clientNumber(key.client)) > 0 else {
            throw .queueFull(limit: scheduler.limits.waitingSequences)
        }
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

    /// The scheduler's number of a client; that of one that is not known yet is its own once its request is open.
    func clientNumber(_ client: ClientID) -> ClientNumber { clientNumbers[client] ?? lastClientNumber + 1 }

    /// Clients keep their numbers while they rest, so that the scheduler knows them again; too many at rest lose them.
    private mutating func forgetNumbers() {
        guard clientNumbers.count > 4 * limits.clients else { return }
        clientNumbers = clientNumbers.filter { clients[$0.key] != nil }
    }

    private mutating func open(_ key: RequestKey, _ work: ActiveRequest.Work, promptTokens: Int, now: Double) {
        active[key] = ActiveRequest(work: work, promptTokens: promptTokens, begun: now)
        clients[key.client, default: []].insert(key.requestID)
        if clientNumbers[key.client] == nil {
            lastClientNumber += 1
            clientNumbers[key.client] = lastClientNumber
        }
    }

    private mutating func grant(_ pieces: UInt32, _ key: RequestKey) -> [RequestAction] {
        guard active[key] != nil else { return [] }
        active[key]?.addCredit(pieces)
        return flush(key)
    }

    private mutating func cancel(_ key: RequestKey) -> [RequestAction] {
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
    mutating func end(_ key: RequestKey, with refusal: Refusal) -> [RequestAction] {
        guard active[key] != nil else { return [] }
        return [.send(refusal.failure(key.requestID), to: key.client)] + remove(key)
    }

    /// Forgets a request and ends its sequences.
    private mutating func remove(_ key: RequestKey) -> [RequestAction] {
        guard let request = active.removeValue(forKey: key) else { return [] }
        finishedRequests += 1
        clients[key.client]?.remove(key.requestID)
        if clients[key.client]?.isEmpty == true {
            clients[key.client] = nil
            forgetNumbers()
        }
        let sequences = request.sequences
        for id in sequences { owners[id] = nil }
        return stop(sequences)
    }

    private mutating func stop(_ sequences: [SequenceID]) -> [RequestAction] {
        for id in sequences { scheduler.finish(id) }
        let given = scheduler.abandonedBatches().filter { !abandonedBatches.contains($0) }
        abandonedBatches.formUnion(given)
        return given.map { .cancelBatch(batchID: $0) }
    }

    /// Sends what a request has ready, and closes it when all is sent. A text may then have more windows to submit.
    mutating func flush(_ key: RequestKey) -> [RequestAction] {
        var messages: [ClientReply] = []
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
        let directives = messages.map { RequestAction.send($0, to: key.client) }
        return isFinished ? directives + remove(key) : directives
    }
}
