import Messages
import Wire

/// The messages of Tests/Fixtures/wire/messages.json, by the same names.
enum Samples {
    static let messages = control.mapValues(Sample.init).merging(data.mapValues(Sample.init)) { $1 }
        .merging(requests.mapValues(Sample.init)) { $1 }.merging(replies.mapValues(Sample.init)) { $1 }

    static let incarnation: UInt64 = 17_293_822_569_102_704_640

    static func digest(from first: UInt8) -> [UInt8] {
        (0..<32).map { first &+ $0 }
    }

    /// A message of a coordinator or of a worker that has heard of it.
    static func cluster<Body>(
        _ body: Body, linkSequence: UInt64? = nil, tensors: [[UInt8]] = []
    ) -> WireMessage<Body> {
        WireMessage(body, incarnation: incarnation, epoch: 7, linkSequence: linkSequence, tensors: tensors)
    }

    static let statistics = Statistics {
        $0.batches = 1000
        $0.rows = 64000
        $0.busyMicroseconds = .max
        $0.receivedSequence = 1001
        $0.sentSequence = 1000
        $0.droppedMessages = 3
        $0.residentBytes = 3_221_225_472
        $0.queuedBatches = 2
    }

    static let fullStatistics = Statistics {
        $0.batches = 1000
        $0.rows = 64000
        $0.busyMicroseconds = 7_000_000
        $0.receivedSequence = 1001
        $0.sentSequence = 1000
        $0.droppedMessages = 0
        $0.residentBytes = 3_221_225_472
        $0.queuedBatches = 2
        $0.waitingMicroseconds = 3_000_000
        $0.sentBytes = 409_600_000
        $0.receivedBytes = 409_700_000
    }

    static let timings = [
        StageTiming(
            stage: 0, receivedMicroseconds: 5_000_000_000, startedMicroseconds: 5_000_000_010,
            endedMicroseconds: 5_000_012_345, rows: 3, sentBytes: 12),
        StageTiming(stage: 1, receivedMicroseconds: 7, startedMicroseconds: 8, endedMicroseconds: 9),
    ]

    static let speeds = [
        Speed(rows: 1, millisecondsPerLayer: 1.25, headMilliseconds: 4.5), Speed(rows: 64, millisecondsPerLayer: 30.5),
    ]

    static let parameters = SamplingSettings(
        temperature: 0.75, topK: 40, topP: 0.875, minP: 0.0625, repetitionPenalty: 1.125, presencePenalty: -0.5,
        frequencyPenalty: 0.25, logitBias: [LogitBias(token: 50256, bias: -100), LogitBias(token: 0, bias: 1.5)],
        seed: 18_364_758_544_493_064_720)

    static let requested = RequestedSampling(
        temperature: 0.75, topK: 40, topP: 0.875, minP: 0.0625, repetitionPenalty: 1.125, presencePenalty: -0.5,
        frequencyPenalty: 0.25, logitBias: [LogitBias(token: 50256, bias: -100), LogitBias(token: 0, bias: 1.5)],
        seed: 18_364_758_544_493_064_720)

    static let result = TokenResult(
        token: 15496, logprob: -1.25,
        alternatives: [
            .init(token: 15496, logprob: -1.25), .init(token: 11, logprob: -2.5), .init(token: 50256, logprob: -8),
        ])

    static let plainResult = TokenResult(token: 0, logprob: 0)

    static let control: [String: WireMessage<ControlMessage>] = [
        "hello": WireMessage(
            .hello(
                Hello(
                    name: "worker é 1", hostID: "b3c1", dataEndpoint: "tcp://*:49152",
                    configurationSHA256: digest(from: 0)
                ) {
                    $0.protocolMinimum = 1
                    $0.protocolMaximum = 2
                    $0.software = "paceline 0.1"
                    $0.cores = 2
                    $0.memoryBytes = 8_589_934_592
                    $0.instructionSet = "avx2"
                    $0.digests = [
                        GroupDigest(group: "layer 0", sha256: digest(from: 1)),
                        GroupDigest(group: "head", sha256: digest(from: 200)),
                    ]
                    $0.pinnedLayers = 0...3
                })),
        "hello-memory": WireMessage(
            .hello(
                Hello(name: "", hostID: "", dataEndpoint: "", configurationSHA256: digest(from: 0)) {
                    $0.protocolMinimum = 1
                    $0.protocolMaximum = 1
                    $0.software = ""
                    $0.cores = 1
                    $0.memoryBytes = 8_589_934_592
                    $0.instructionSet = ""
                    $0.kvMemoryBytes = 2_147_483_648
                })),
        "hello-numerics": WireMessage(
            .hello(
                Hello(name: "", hostID: "", dataEndpoint: "", configurationSHA256: digest(from: 0)) {
                    $0.protocolMinimum = 1
                    $0.protocolMaximum = 1
                    $0.cores = 1
                    $0.memoryBytes = 8_589_934_592
                    $0.numericsVersion = 3
                })),
        "hello-minimal": WireMessage(
            .hello(
                Hello(name: "", hostID: "", dataEndpoint: "", configurationSHA256: digest(from: 0)) {
                    $0.protocolMinimum = 0
                    $0.protocolMaximum = 0
                    $0.software = ""
                    $0.cores = 0
                    $0.memoryBytes = 0
                    $0.instructionSet = ""
                })),
        "welcome": cluster(
            .welcome(Welcome(heartbeatMilliseconds: 1000, version: 1, workerID: [0, 1, 254, 255]))),
        "refused": cluster(.refused(reason: "another model")),
        "assignment-unused": cluster(
            .assignment(
                Assignment(
                    stage: 0, stageCount: 1, firstLayer: 0, layerCount: 48, blockCount: 1024,
                    successor: "tcp://127.0.0.1:40002"
                ) { $0.unusedIDs = [0, 1, 254, 255] })),
        "assignment": cluster(
            .assignment(
                Assignment(
                    stage: 1, stageCount: 3, firstLayer: 4, layerCount: 5, blockCount: 4096,
                    successor: "tcp://[::1]:40001"
                ) {
                    $0.weightType = .f16
                    $0.cacheType = .bf16
                    $0.activationType = .f32
                })),
        "assignment-quantized": cluster(
            .assignment(
                Assignment(
                    stage: 0, stageCount: 1, firstLayer: 0, layerCount: 48, blockCount: 1024,
                    successor: "tcp://127.0.0.1:40002"
                ) {
                    $0.weightType = .int8
                    $0.cacheType = .f16
                    $0.activationType = .f32
                })),
        "ready": cluster(
            .ready(
                Ready(
                    digests: [GroupDigest(group: "layer 4", sha256: digest(from: 4))], weightBytes: 100_000_000_000,
                    cacheBytes: 12345))),
        "ready-minimal": cluster(.ready(Ready(digests: [], weightBytes: 0, cacheBytes: 0))),
        "heartbeat": cluster(.heartbeat(Heartbeat(statistics: statistics))),
        "heartbeat-minimal": WireMessage(.heartbeat(Heartbeat())),
        "heartbeat-clock": cluster(
            .heartbeat(
                Heartbeat(
                    statistics: fullStatistics, clockMicroseconds: 86_400_000_000,
                    leastDelayMicroseconds: -85_000_000_123))),
        "measure": cluster(.measure),
        "measured": cluster(.measured(speeds)),
        "measured-minimal": cluster(.measured([])),
        "cancel-batches": cluster(.cancelBatches(batchIDs: [1, 128, .max])),
        "cancel-batches-minimal": cluster(.cancelBatches(batchIDs: [])),
        "drain": cluster(.drain),
        "bye": cluster(.bye(reason: "drained")),
        "bye-minimal": cluster(.bye(reason: nil)),
        "fault": cluster(.fault(reason: "out of memory", fatal: true)),
        "fault-minimal": cluster(.fault(reason: "", fatal: false)),
    ]

    static let data: [String: WireMessage<DataMessage>] = [
        "batch": cluster(
            .batch(
                Batch(
                    batchID: 42,
                    slices: [
                        Slice(
                            sequenceID: 5, index: 2, start: 16, tokens: [15496, 11, -1, .max],
                            blockTable: [0, 4095, .max],
                            sample: SampleOutput(
                                parameters: parameters, history: [1, 2, 300], promptCount: 2, alternatives: 5),
                            score: ScoreOutput(firstRow: 1, targets: [7, 8], alternatives: 3)),
                        Slice(sequenceID: 6, index: 0, start: 0, tokens: [9], blockTable: [3]),
                    ],
                    copies: [BlockCopy(from: 1, to: 2)],
                    activations: ActivationShape(rows: 3, width: 2, type: .f16))),
            linkSequence: 300, tensors: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]]),
        "announcement": cluster(.announcement(batchID: 44)),
        "announcement-minimal": cluster(.announcement(batchID: nil)),
        "batch-minimal": cluster(.batch(Batch(batchID: 0, slices: [])), linkSequence: 1),
        "batch-cancelled": cluster(.batch(Batch(batchID: 43, slices: [], cancelled: true)), linkSequence: 2),
        "batch-defaults": cluster(
            .batch(
                Batch(
                    batchID: 44,
                    slices: [
                        Slice(
                            sequenceID: 5, index: 0, start: 0, tokens: [], blockTable: [],
                            sample: SampleOutput(parameters: SamplingSettings()),
                            score: ScoreOutput(firstRow: 0, targets: []))
                    ])),
            linkSequence: 3),
        "batch-result": cluster(
            .batchResult(
                BatchResult(
                    batchID: 42,
                    sequences: [
                        SequenceResult(
                            sequenceID: 5, sampled: result, scores: [plainResult, result],
                            error: "temperature is not a number")
                    ], cancelled: true, error: "stage 1: layer 4 is not finite")),
            linkSequence: 9),
        "batch-timings": cluster(
            .batch(Batch(batchID: 45, cancelled: true, error: "stage 0: out of memory", timings: timings)),
            linkSequence: 4),
        "batch-result-timings": cluster(
            .batchResult(BatchResult(batchID: 45, sequences: [SequenceResult(sequenceID: 5)], timings: timings)),
            linkSequence: 11),
        "batch-result-minimal": cluster(
            .batchResult(BatchResult(batchID: 42, sequences: [SequenceResult(sequenceID: 5)])), linkSequence: 10),
    ]
}
