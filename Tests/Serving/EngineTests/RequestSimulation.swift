import Engine
import Messages
import Scheduling
import SchedulingSupport
import ServingSupport
import TestSupport

/// A broken promise; the seed is added where it is caught.
struct Violation: Error, CustomStringConvertible {
    var description: String
}

/// A coordinator's life in random events: clients ask, cancel, grant credit and go away, batches come back, fail or
/// never do. All that clients are sent is checked as it comes, and their texts at the end.
struct RequestSimulation {
    /// Requests that ended by themselves, over the whole life.
    private(set) var completed = 0
    private let context: Int
    private let words: [Int32]
    private let limits: SchedulerLimits
    private var engine: RequestEngine
    private var stage: FakeStage
    private var random: SplitMix64
    private var inFlight: Batch?
    private var records: [ClientID: [UInt64: RequestRecord]] = [:]
    private var clients: [ClientID] = []
    private var lastRequest: UInt64 = 0

    init(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        context = random.int(4...60)
        limits = SchedulerLimits(
            batchRows: random.int(3...40), waitingSequences: random.int(2...8), runningSequences: random.int(1...6))
        let words = try Demo.tokens(" the quick brown") + Demo.tokens("🙂 naïve") + [200, 150, 120]
        self.words = words
        stage = FakeStage { tokens, slice in DirectLoop.next(tokens, index: slice.index, words: words) }
        engine = RequestEngine(
            model: try Demo.model(context: context), schedulerLimits: limits, newSeed: { seed })
        engine.pipelinesReady([.alone(blocks: random.int(4...12))])
        clients = [[1], [2], [3]]
        self.random = random
    }

    /// Runs that many events, then grants all the credit there is and lets everything finish.
    mutating func run(events: Int) throws {
        for _ in 0..<events { try step() }
        for client in clients {
            for (requestID, record) in records[client] ?? [:] where !record.isEnded {
                records[client]?[requestID]?.credit += 1_000_000
                try take(engine.handle(.credit(requestID: requestID, pieces: 1_000_000), from: client, now: 0))
            }
        }
        var batches = 0
        while try advance(spoiling: false) {
            batches += 1
            try check(batches < 5_000, "it never ends")
        }
        for client in clients {
            for (requestID, record) in records[client] ?? [:] {
                try check(record.isEnded, "request \(requestID) never ended")
                if record.isComplete { completed += 1 }
            }
        }
        try check(engine.isIdle && engine.isWaiting && engine.hasNoClients, "something is left over")
        try check(engine.scheduler.freeBlocks == engine.scheduler.blockCapacity, "blocks are lost")
    }

    private mutating func step() throws {
        switch random.int(0...99) {
        case ..<20: try generate()
        case ..<26: try score()
        case ..<33: try cancel()
        case ..<50: try grant()
        case ..<97: _ = try advance(spoiling: true)
        case ..<99: try leave()
        default:
            inFlight = nil
            try take(engine.pipelinesLost("the pipeline is gone"))
            try check(engine.isIdle, "something outlived its pipeline")
            engine.pipelinesReady([.alone(blocks: random.int(4...12))])
        }
    }

    // MARK: - Clients

    private mutating func generate() throws {
        let client = anyClient()
        let prompt = (0..<random.int(1...context)).map { _ in words[random.int(0...words.count - 1)] }
        let stops = ["quick", "k br", "n🙂", "ï", " the the"].filter { _ in random.chance(25) }
        lastRequest += 1
        let request = Generate(
            requestID: lastRequest, prompt: .tokens(prompt), maximumTokens: UInt32(random.int(0...20)),
            sequences: UInt32(random.int(1...3)), stopStrings: stops.map { Array($0.utf8) },
            stopTokens: random.chance(30) ? [words[0]] : [], ignoreEndOfText: random.chance(30),
            logprobs: random.chance(50), credit: UInt32(random.int(0...6)))
        let answers = try (0..<request.sequences).map {
            try DirectLoop.answer(request, prompt: prompt, index: $0, context: context, words: words)
        }
        records[client, default: [:]][lastRequest] = RequestRecord(answers: answers, credit: Int(request.credit))
        try take(engine.handle(.generate(request), from: client, now: 0))
    }

    private mutating func score() throws {
        let client = anyClient()
        let text = (0..<random.int(1...150)).map { _ in Int32(random.int(0...Demo.vocabularySize - 1)) }
        lastRequest += 1
        let request = Score(
            requestID: lastRequest, prompt: .tokens(text), stride: UInt32(random.int(1...context)),
            beginWithEndOfText: random.chance(50), credit: UInt32(random.int(0...6)))
        records[client, default: [:]][lastRequest] = RequestRecord(
            scored: text, stride: Int(request.stride ?? 1), context: context, endOfText: request.beginWithEndOfText,
            credit: Int(request.credit))
        try take(engine.handle(.score(request), from: client, now: 0))
    }

    private mutating func cancel() throws {
        guard let (client, requestID) = anyRequest() else { return }
        records[client]?[requestID]?.isCancelled = true
        try take(engine.handle(.cancel(requestID: requestID), from: client, now: 0))
        try check(records[client]?[requestID]?.isEnded ?? true, "request \(requestID) outlived its cancel")
    }

    private mutating func grant() throws {
        guard let (client, requestID) = anyRequest() else { return }
        let pieces = random.int(1...4)
        records[client]?[requestID]?.credit += pieces
        try take(engine.handle(.credit(requestID: requestID, pieces: UInt32(pieces)), from: client, now: 0))
    }

    /// The client goes; another comes in its place.
    private mutating func leave() throws {
        let place = random.int(0...clients.count - 1)
        let client = clients[place]
        clients[place] = [UInt8(random.int(4...255)), UInt8(random.int(0...255)), UInt8(lastRequest & 255)]
        records[client] = nil
        try take(engine.clientGone(client))
    }

    private mutating func anyClient() -> ClientID { clients[random.int(0...clients.count - 1)] }

    /// Mostly one that runs.
    private mutating func anyRequest() -> (ClientID, UInt64)? {
        let client = anyClient()
        let running = (records[client] ?? [:]).filter { !$0.value.isEnded || $0.key % 5 == 0 }.keys.sorted()
        return running.randomElement(using: &random).map { (client, $0) }
    }

    // MARK: - Batches

    /// Sends a batch or takes one back; false where there is none.
    private mutating func advance(spoiling: Bool) throws -> Bool {
        guard let batch = inFlight else {
            inFlight = engine.nextBatch()
            try check(
                inFlight.map { $0.slices.reduce(0) { $0 + $1.tokens.count } <= limits.batchRows } ?? true, "too big")
            return inFlight != nil
        }
        inFlight = nil
        var result = stage.run(batch)
        if spoiling, random.chance(4) {
            result = BatchResult(batchID: batch.batchID, error: "layer 3: not a number")
        } else if spoiling, random.chance(6), !result.sequences.isEmpty {
            let place = random.int(0...result.sequences.count - 1)
            result.sequences[place] = SequenceResult(
                sequenceID: result.sequences[place].sequenceID, error: "topP is out of range")
        }
        guard let actions = engine.complete(result) else {
            throw Violation(description: "batch \(batch.batchID) was not taken back")
        }
        try take(actions)
        return true
    }

    private mutating func take(_ actions: [RequestAction]) throws {
        for action in actions {
            switch action {
            case .cancelBatch(let batchID):
                try check(inFlight?.batchID == batchID, "batch \(batchID) is given up and is not under way")
                // A stage that has not begun sends it on cancelled; one that has goes on.
                if random.chance(50) { inFlight?.cancelled = true }
            case .run: try take(engine.runningTexts([action]))
            case .send(let body, let client):
                guard let requestID = body.requestID, records[client]?[requestID] != nil else {
                    throw Violation(description: "\(client) was sent what nobody waits for: \(body)")
                }
                try records[client]?[requestID]?.take(body)
            }
        }
    }

    private func check(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        guard condition else { throw Violation(description: what()) }
    }
}
