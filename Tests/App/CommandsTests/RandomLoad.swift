import Engine
import Foundation
import GPT2
import InProcess
import Kernels
import Messages
import ModelFiles
import Scheduling
import StageExecution
import TestSupport
import Wire
import Worker

/// The embedded model in this process: served, and carried by stages.
enum EmbeddedModel {
    static let types = ModelTypes(weights: .f32, cache: .f32)
    static let blocks = 36

    private static let loaded = Result {
        let model = try LocalModel(directory: Repository.demoModel)
        return (model, try ServedModel(model, types: types) { _, _ in })
    }

    static func served() throws -> ServedModel { try loaded.get().1 }

    /// Executors in a row, as workers would be.
    static func row(cutAt cuts: [Int]) throws -> [StageExecutor] {
        let model = try loaded.get().0
        let bounds = [0] + cuts + [model.configuration.layerCount]
        return try zip(bounds, bounds.dropFirst()).map { first, end in
            StageExecutor(
                stage: try PipelineStage(
                    configuration: model.configuration, files: model.weights, layers: first..<end,
                    blockCount: blocks, weights: types.weights, cache: types.cache,
                    backend: Backend(threadCount: 1)))
        }
    }
}

/// Requests of several clients, drawn at random, that go through an engine and rows of stages at once, with random limits:
/// chunks, batches in flight, replicas, too few blocks.
struct RandomLoad {
    let requests: [(client: ClientID, body: ClientRequest)]
    private(set) var statistics = SchedulerStatistics()
    private let limits: SchedulerLimits
    private let descriptions: [PipelineDescription]
    private var random: SplitMix64

    init(seed: UInt64, vocabulary: Int) {
        var random = SplitMix64(seed: seed)
        limits = SchedulerLimits(
            batchRows: random.int(4...90), runningSequences: random.int(1...8),
            stepMilliseconds: Double(random.int(1...40)), batchesInFlight: random.int(1...4))
        descriptions = (0..<random.int(1...2)).map { number in
            let hosts = random.int(1...3)
            return PipelineDescription(
                blocks: random.int(24...EmbeddedModel.blocks),
                stages: (0...number + 1).map {
                    StageDescription(
                        host: min($0, hosts - 1),
                        costs: RowCosts([.init(rows: 1, milliseconds: 1), .init(rows: 9, milliseconds: 9)]))
                })
        }
        // Prompts begin alike: what one has computed another takes over.
        let beginning = (0..<100).map { _ in Int32(random.int(0...vocabulary - 1)) }
        requests = (1...random.int(2...7)).map { number in
            let shared = random.int(0...100)
            let own = (0..<random.int(1...40)).map { _ in Int32(random.int(0...vocabulary - 1)) }
            let prompt = Prompt(content: .tokens(Array(beginning.prefix(shared)) + own))
            let client: ClientID = [UInt8(random.int(1...3))]
            let priority = RequestPriority(rawValue: UInt32(random.int(0...2))) ?? .normal
            guard random.chance(85) else {
                return (client, .score(Score(requestID: UInt64(number), prompt: prompt, priority: priority)))
            }
            var parameters = RequestedSampling(seed: UInt64(random.int(0...99)))
            parameters.temperature = Float(random.int(0...14)) / 10
            if random.chance(30) { parameters.topK = UInt32(random.int(1...50)) }
            if random.chance(20) { parameters.repetitionPenalty = 1.2 }
            return (
                client,
                .generate(
                    Generate(
                        requestID: UInt64(number), prompt: prompt, maximumTokens: UInt32(random.int(1...8)),
                        parameters: parameters, sequences: UInt32(random.int(1...3)), ignoreEndOfText: true,
                        logprobs: true, alternatives: 2, credit: 10_000, priority: priority))
            )
        }
        self.random = random
    }

    /// These requests, to be run alone.
    init(_ requests: [(client: ClientID, body: ClientRequest)]) {
        self.requests = requests
        limits = SchedulerLimits()
        descriptions = []
        random = SplitMix64(seed: 0)
    }

    /// All at once. Returns what each request was answered, piece by piece put together.
    mutating func run(on rows: [[StageExecutor]]) throws -> [UInt64: Answer] {
        var engine = RequestEngine(
            model: try EmbeddedModel.served(), schedulerLimits: limits, newSeed: { 0 })
        engine.pipelinesReady(descriptions)
        var answers: [UInt64: Answer] = [:]
        var inFlight: [[BatchResult]] = descriptions.map { _ in [] }
        var waiting = requests[...]
        for _ in 0..<20_000 {
            if let next = waiting.first, random.chance(40) || engine.isIdle {
                waiting.removeFirst()
                Self.take(engine.runningTexts(engine.handle(next.body, from: next.client, now: 0)), &answers)
            }
            let pipeline = random.int(0...descriptions.count - 1)
            if random.chance(60), let batch = engine.nextBatch(pipeline: pipeline) {
                inFlight[pipeline].append(try Self.run(batch, on: rows[pipeline]))
            } else if !inFlight[pipeline].isEmpty {
                let result = inFlight[pipeline].removeFirst()
                guard let actions = engine.complete(result) else { throw Lost(what: "batch \(result.batchID)") }
                Self.take(actions, &answers)
            }
            if waiting.isEmpty, engine.isIdle { break }
        }
        guard engine.isIdle, waiting.isEmpty else { throw Lost(what: "a request") }
        statistics = engine.scheduler.statistics
        return answers
    }

    /// One request after the other, alone, in batches as large as they get.
    func runAlone(on row: [StageExecutor]) throws -> [UInt64: Answer] {
        var answers: [UInt64: Answer] = [:]
        for request in requests {
            var engine = RequestEngine(model: try EmbeddedModel.served(), newSeed: { 0 })
            engine.pipelinesReady([
                PipelineDescription(
                    blocks: EmbeddedModel.blocks, stages: [StageDescription(host: 0, costs: RowCosts([]))])
            ])
            Self.take(engine.runningTexts(engine.handle(request.body, from: request.client, now: 0)), &answers)
            while let batch = engine.nextBatch() {
                Self.take(engine.complete(try Self.run(batch, on: row)) ?? [], &answers)
            }
        }
        return answers
    }

    struct Lost: Error {
        let what: String
    }

    /// What a client was sent, put together.
    struct Answer: Equatable {
        var text: [UInt32: [UInt8]] = [:]
        var tokens: [UInt32: [TokenResult]] = [:]
        var scores: [TokenResult] = []
        var reasons: [UInt32: FinishReason] = [:]
        var failure: String?
    }

    private static func take(_ actions: [RequestAction], _ answers: inout [UInt64: Answer]) {
        for case .send(let body, _) in actions {
            guard let requestID = body.requestID else { continue }
            switch body {
            case .piece(let piece):
                answers[requestID, default: Answer()].text[piece.index, default: []] += piece.text
                answers[requestID, default: Answer()].tokens[piece.index, default: []] += piece.logprobs
            case .scorePiece(let piece): answers[requestID, default: Answer()].scores += piece.scores
            case .done(let done): answers[requestID, default: Answer()].reasons[done.index] = done.reason
            case .failure(let failure): answers[requestID, default: Answer()].failure = failure.message
            default: break
            }
        }
    }

    private static func run(_ batch: Batch, on row: [StageExecutor]) throws -> BatchResult {
        var batch = batch
        var activations: [UInt8]?
        for executor in row {
            switch try executor.run(batch, activations: activations) {
            case .activations(let shape, let bytes): (batch.activations, activations) = (shape, bytes)
            case .result(let result): return result
            }
        }
        throw Lost(what: "a result")
    }
}
