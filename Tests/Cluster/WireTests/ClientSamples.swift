import Messages
import Wire

extension Samples {
    /// The part of messages.json that travels on the client link.
    static let requests: [String: WireMessage<ClientRequest>] = [
        "generate": WireMessage(
            .generate(
                Generate(
                    requestID: 77,
                    prompt: Prompt(content: .text(Array("Once upon a time, ☃\0".utf8)), specialTokens: true),
                    model: "demo", maximumTokens: 1000, parameters: requested, sequences: 3,
                    stopStrings: [Array("The End".utf8), [255, 0]], stopTokens: [198, 628], ignoreEndOfText: true,
                    logprobs: true, alternatives: 5, credit: 8))),
        "generate-minimal": minimalGenerate,
        "explicit-defaults": minimalGenerate,
        "score": WireMessage(
            .score(
                Score(
                    requestID: 78, prompt: Prompt(content: .tokens([1, 2, 50256])), model: "demo", stride: 512,
                    beginWithEndOfText: true, alternatives: 2, credit: 1))),
        "generate-priority": WireMessage(
            .generate(Generate(requestID: 82, prompt: Prompt(content: .tokens([1])), priority: .high))),
        "generate-sampling": WireMessage(
            .generate(
                Generate(
                    requestID: 85, prompt: Prompt(content: .tokens([1])),
                    parameters: RequestedSampling(temperature: 1, topK: 0, seed: 0, allowUnusedIDs: true)))),
        "score-priority": WireMessage(
            .score(Score(requestID: 83, prompt: Prompt(content: .tokens([1])), priority: .low))),
        "score-minimal": WireMessage(.score(Score(requestID: 1, prompt: Prompt(content: .text([]))))),
        "cancel": WireMessage(.cancel(requestID: 77)),
        "waiting": WireMessage(.waiting(requestIDs: [77, 78])),
        "credit": WireMessage(.credit(requestID: 77, pieces: 32)),
        "tokenize": WireMessage(
            .tokenize(
                requestID: 79, prompt: Prompt(content: .text(Array("Hello, world".utf8)), specialTokens: true))),
        "detokenize": WireMessage(.detokenize(requestID: 80, tokens: [15496, 995])),
        "status-request": WireMessage(.statusRequest(requestID: 81)),
        "trace-request": WireMessage(.traceRequest(requestID: 84, after: 70_000_000_000)),
        "trace-request-minimal": WireMessage(.traceRequest(requestID: 84, after: 0)),
    ]

    private static let minimalGenerate = WireMessage<ClientRequest>(
        .generate(Generate(requestID: 1, prompt: Prompt(content: .tokens([])))))

    static let replies: [String: WireMessage<ClientReply>] = [
        "piece": cluster(
            .piece(
                Piece(
                    requestID: 77, index: 1, tokenOffset: 12, text: Array(" café".utf8), tokens: [40, 41],
                    logprobs: [result, plainResult]))),
        "piece-minimal": cluster(.piece(Piece(requestID: 77, index: 0, tokenOffset: 0, text: [], tokens: []))),
        "done": cluster(
            .done(
                Done(
                    requestID: 77, index: 1, reason: .cancelled, seed: 18_364_758_544_493_064_720, promptTokens: 5,
                    generatedTokens: 100))),
        "score-piece": cluster(
            .scorePiece(
                ScorePiece(requestID: 78, tokenOffset: 1, scores: [plainResult, result], unscoredToken: 50256))),
        "score-piece-minimal": cluster(.scorePiece(ScorePiece(requestID: 78, tokenOffset: 0, scores: []))),
        "failure": cluster(
            .failure(
                Failure(requestID: 77, code: .overloaded, message: "the queue is full", retryMilliseconds: 500))),
        "failure-minimal": cluster(.failure(Failure(requestID: 77, code: .badRequest, message: ""))),
        "accepted": cluster(
            .accepted(
                Accepted(
                    requestID: 77, promptTokens: 5, numericsVersion: 1, modelSHA256: digest(from: 9),
                    tokenizerSHA256: digest(from: 0)
                ) {
                    $0.sampling = parameters
                    $0.endTokens = [50256, 286]
                    $0.warnings = ["the text holds <|endoftext|>", ""]
                })),
        "accepted-minimal": cluster(
            .accepted(
                Accepted(
                    requestID: 78, promptTokens: 0, numericsVersion: 0, modelSHA256: digest(from: 0),
                    tokenizerSHA256: digest(from: 0)))),
        "tokenized": cluster(.tokenized(Tokenized(requestID: 79, tokens: [15496, 11, 995]))),
        "tokenized-warning": cluster(.tokenized(Tokenized(requestID: 79, tokens: [], warnings: ["one"]))),
        "detokenized": cluster(.detokenized(requestID: 80, text: [72, 105, 0, 255])),
        "status": cluster(.status(status)),
        "status-minimal": cluster(
            .status(
                Status(requestID: 81) {
                    $0.model = ""
                    $0.modelSHA256 = digest(from: 0)
                    $0.software = ""
                    $0.ready = false
                    $0.state = ""
                    $0.uptimeMilliseconds = 0
                    $0.layerCount = 0
                    $0.context = 0
                    $0.workersWanted = 0
                    $0.blocks = 0
                    $0.freeBlocks = 0
                    $0.queuedRequests = 0
                    $0.finishedRequests = 0
                    $0.generatedTokens = 0
                    $0.droppedMessages = 0
                })),
        "status-types": cluster(
            .status(
                Status(requestID: 81) {
                    $0.model = ""
                    $0.modelSHA256 = digest(from: 0)
                    $0.software = ""
                    $0.ready = false
                    $0.state = ""
                    $0.uptimeMilliseconds = 0
                    $0.layerCount = 0
                    $0.context = 0
                    $0.workersWanted = 0
                    $0.blocks = 0
                    $0.freeBlocks = 0
                    $0.queuedRequests = 0
                    $0.finishedRequests = 0
                    $0.generatedTokens = 0
                    $0.droppedMessages = 0
                    $0.weightType = .int4
                    $0.cacheType = .f16
                })),
        "status-pipelines": cluster(.status(statusOfPipelines)),
        "status-counters": cluster(
            .status(
                Status(requestID: 81) {
                    $0.modelSHA256 = digest(from: 0)
                    $0.counters = [Counter("prefix_cache_evictions", 5_000_000_000), Counter("", 0)]
                })),
        "trace": cluster(.trace(trace)),
        "trace-minimal": cluster(.trace(Trace(requestID: 84, next: 1, clockMicroseconds: 0))),
    ]

    private static let trace = Trace(
        requestID: 84, next: 70_000_000_002,
        records: [
            TraceRecord(
                batchID: 42, epoch: 7, pipeline: 1, sentMicroseconds: 1_000_000, receivedMicroseconds: 1_050_000
            ) {
                $0.rows = 66
                $0.sequences = 3
                $0.promptRows = 64
                $0.decodeRows = 2
                $0.timings = timings
            },
            TraceRecord(batchID: 43, epoch: 7, pipeline: 0, sentMicroseconds: 0, receivedMicroseconds: .max) {
                $0.rows = 0
                $0.sequences = 0
                $0.promptRows = 0
                $0.decodeRows = 0
            },
        ], lost: 12,
        stages: [TraceStage(epoch: 7, pipeline: 1, stage: 0, worker: "worker é 1", firstLayer: 0, layerCount: 24)],
        clockMicroseconds: 1_060_000)

    private static let statusOfPipelines = Status(requestID: 81) {
        $0.model = ""
        $0.modelSHA256 = digest(from: 0)
        $0.software = ""
        $0.ready = true
        $0.state = ""
        $0.uptimeMilliseconds = 0
        $0.layerCount = 0
        $0.context = 0
        $0.workersWanted = 0
        $0.blocks = 0
        $0.freeBlocks = 0
        $0.queuedRequests = 0
        $0.finishedRequests = 0
        $0.generatedTokens = 0
        $0.droppedMessages = 0
        $0.workers = [
            WorkerStatus(name: "a", state: "ready") {
                $0.hostID = ""
                $0.dataEndpoint = ""
                $0.cores = 1
                $0.memoryBytes = 0
                $0.instructionSet = ""
                $0.stage = 0
                $0.statistics = fullStatistics
                $0.pipeline = 1
                $0.linkMicroseconds = 150
                $0.kvMemoryBytes = 2_147_483_648
                $0.clockMicroseconds = 86_400_000_000
            }
        ]
        $0.requests = [
            RequestStatus(requestID: 77, state: "decode", promptTokens: 5, sequences: 3, ageMilliseconds: 1500) {
                $0.generatedTokens = 20
                $0.firstTokenMilliseconds = 120
                $0.priority = .high
                $0.tokensPerSecond = 12.5
                $0.client = "3f2a"
            }
        ]
        $0.pipelines = [
            PipelineStatus(pipeline: 0, stages: 2, blocks: 4096, freeBlocks: 4000, batchesInFlight: 2) {
                $0.cachedBlocks = 60
                $0.inFlightLimit = 2
                $0.inFlightReason = "2 batches at once do 1.8 times what 1 does"
            },
            PipelineStatus(pipeline: 1, stages: 1, blocks: 64, freeBlocks: 64, batchesInFlight: 0),
        ]
        $0.prefixQueryTokens = 10_000
        $0.prefixHitTokens = 5_000_000_000
        $0.preemptions = 3
        $0.runningSequences = 8
        $0.stepMilliseconds = 62.5
        $0.planReason = "2 stages: 24 layers each"
    }

    static let status = Status(requestID: 81) {
        $0.model = "demo"
        $0.modelSHA256 = digest(from: 9)
        $0.software = "paceline 0.1"
        $0.ready = true
        $0.state = "serving"
        $0.uptimeMilliseconds = 123_456_789_012
        $0.layerCount = 12
        $0.context = 1024
        $0.workersWanted = 2
        $0.blocks = 4096
        $0.freeBlocks = 4000
        $0.queuedRequests = 1
        $0.finishedRequests = 10
        $0.generatedTokens = 5_000_000_000
        $0.droppedMessages = 4
        $0.workers = [
            WorkerStatus(name: "a", state: "ready") {
                $0.hostID = "b3c1"
                $0.dataEndpoint = "tcp://127.0.0.1:40001"
                $0.cores = 2
                $0.memoryBytes = 8_589_934_592
                $0.instructionSet = "avx2"
                $0.stage = 0
                $0.firstLayer = 0
                $0.layerCount = 6
                $0.weightBytes = 1000
                $0.cacheBytes = 2000
                $0.speeds = speeds
                $0.statistics = statistics
            },
            WorkerStatus(name: "b", state: "standby") {
                $0.hostID = ""
                $0.dataEndpoint = ""
                $0.cores = 1
                $0.memoryBytes = 0
                $0.instructionSet = ""
            },
        ]
        $0.requests = [
            RequestStatus(requestID: 77, state: "decode", promptTokens: 5, sequences: 3, ageMilliseconds: 1500) {
                $0.generatedTokens = 20
            }
        ]
    }
}
