import Messages

extension RandomMessages {
    mutating func digest() -> GroupDigest { GroupDigest(group: string(), sha256: bytes(32)) }

    mutating func hello() -> Hello {
        let (first, second): (UInt32, UInt32) = (integer(), integer())
        return Hello(name: string(), hostID: string(), dataEndpoint: string(), configurationSHA256: bytes(32)) {
            $0.protocolMinimum = integer()
            $0.protocolMaximum = integer()
            $0.software = string()
            $0.cores = integer()
            $0.memoryBytes = integer()
            $0.instructionSet = string()
            $0.digests = list { $0.digest() }
            $0.pinnedLayers = maybe { _ in min(first, second)...max(first, second) }
            $0.kvMemoryBytes = maybe { $0.integer() }
            $0.numericsVersion = maybe { $0.integer() }
        }
    }

    mutating func assignment() -> Assignment {
        Assignment(
            stage: integer(), stageCount: integer(), firstLayer: integer(), layerCount: integer(),
            blockCount: integer(), successor: string()
        ) {
            $0.weightType = elementType()
            $0.cacheType = elementType()
            $0.activationType = elementType()
            $0.unusedIDs = maybe { $0.bytes() }
        }
    }

    mutating func statistics() -> Statistics {
        Statistics {
            $0.batches = integer()
            $0.rows = integer()
            $0.busyMicroseconds = integer()
            $0.receivedSequence = integer()
            $0.sentSequence = integer()
            $0.droppedMessages = integer()
            $0.residentBytes = integer()
            $0.queuedBatches = integer()
            $0.waitingMicroseconds = maybe { $0.integer() }
            $0.sentBytes = maybe { $0.integer() }
            $0.receivedBytes = maybe { $0.integer() }
        }
    }

    mutating func heartbeat() -> Heartbeat {
        Heartbeat(
            statistics: maybe { $0.statistics() }, clockMicroseconds: maybe { $0.integer() },
            leastDelayMicroseconds: maybe { $0.integer() })
    }

    mutating func timing() -> StageTiming {
        StageTiming(
            stage: integer(), receivedMicroseconds: integer(), startedMicroseconds: integer(),
            endedMicroseconds: integer(), rows: maybe { $0.integer() }, sentBytes: maybe { $0.integer() })
    }

    mutating func trace() -> Trace {
        Trace(
            requestID: integer(), next: integer(), records: list { $0.traceRecord() }, lost: integer(),
            stages: list {
                TraceStage(
                    epoch: $0.integer(), pipeline: $0.integer(), stage: $0.integer(), worker: $0.string(),
                    firstLayer: $0.integer(), layerCount: $0.integer())
            }, clockMicroseconds: integer())
    }

    private mutating func traceRecord() -> TraceRecord {
        TraceRecord(
            batchID: integer(), epoch: integer(), pipeline: integer(), sentMicroseconds: integer(),
            receivedMicroseconds: integer()
        ) {
            $0.rows = integer()
            $0.sequences = integer()
            $0.promptRows = integer()
            $0.decodeRows = integer()
            $0.timings = list { $0.timing() }
        }
    }

    mutating func speed() -> Speed {
        Speed(rows: integer(), millisecondsPerLayer: time(), headMilliseconds: maybe { $0.time() })
    }

    /// Finite and not negative: other times are refused.
    mutating func time() -> Double {
        Double(integer() as UInt32) / 64
    }

    mutating func slice() -> Slice {
        Slice(
            sequenceID: integer(), index: integer(), start: integer(), tokens: list { $0.integer() },
            blockTable: list { $0.integer() },
            sample: maybe {
                SampleOutput(
                    parameters: $0.parameters(), history: $0.list { $0.integer() }, promptCount: $0.integer(),
                    alternatives: $0.integer())
            },
            score: maybe {
                ScoreOutput(firstRow: $0.integer(), targets: $0.list { $0.integer() }, alternatives: $0.integer())
            })
    }

    mutating func parameters() -> SamplingSettings {
        SamplingSettings(
            temperature: real(), topK: integer(), topP: real(), minP: real(), repetitionPenalty: real(),
            presencePenalty: real(), frequencyPenalty: real(),
            logitBias: list { LogitBias(token: $0.integer(), bias: $0.real()) }, seed: integer(),
            allowUnusedIDs: bool())
    }

    mutating func requested() -> RequestedSampling {
        RequestedSampling(
            temperature: maybe { $0.real() }, topK: maybe { $0.integer() }, topP: maybe { $0.real() },
            minP: maybe { $0.real() }, repetitionPenalty: maybe { $0.real() }, presencePenalty: maybe { $0.real() },
            frequencyPenalty: maybe { $0.real() },
            logitBias: list { LogitBias(token: $0.integer(), bias: $0.real()) }, seed: maybe { $0.integer() },
            allowUnusedIDs: bool())
    }

    mutating func accepted() -> Accepted {
        Accepted(
            requestID: integer(), promptTokens: integer(), numericsVersion: integer(), modelSHA256: bytes(32),
            tokenizerSHA256: bytes(32)
        ) {
            $0.sampling = maybe { $0.parameters() }
            $0.endTokens = list { $0.integer() }
            $0.warnings = list { $0.string() }
        }
    }

    mutating func tokenResult() -> TokenResult {
        TokenResult(
            token: integer(), logprob: real(),
            alternatives: list { TokenResult.Alternative(token: $0.integer(), logprob: $0.real()) })
    }

    mutating func sequenceResult() -> SequenceResult {
        SequenceResult(
            sequenceID: integer(), sampled: maybe { $0.tokenResult() }, scores: list { $0.tokenResult() },
            error: maybe { $0.string() })
    }

    mutating func prompt() -> Prompt {
        Prompt(content: bool() ? .text(bytes()) : .tokens(list { $0.integer() }), specialTokens: bool())
    }

    mutating func generate() -> Generate {
        Generate(
            requestID: integer(), prompt: prompt(), model: maybe { $0.string() }, maximumTokens: integer(),
            parameters: bool() ? requested() : RequestedSampling(), sequences: integer(),
            stopStrings: list { $0.bytes() }, stopTokens: list { $0.integer() }, ignoreEndOfText: bool(),
            logprobs: bool(), alternatives: integer(), credit: integer(), priority: priority())
    }

    mutating func status() -> Status {
        Status(requestID: integer()) {
            $0.model = string()
            $0.modelSHA256 = bytes(32)
            $0.software = string()
            $0.ready = bool()
            $0.state = string()
            $0.uptimeMilliseconds = integer()
            $0.layerCount = integer()
            $0.context = integer()
            $0.workersWanted = integer()
            $0.blocks = integer()
            $0.freeBlocks = integer()
            $0.queuedRequests = integer()
            $0.finishedRequests = integer()
            $0.generatedTokens = integer()
            $0.droppedMessages = integer()
            $0.workers = list { $0.workerStatus() }
            $0.requests = list { $0.requestStatus() }
            $0.weightType = maybe { $0.elementType() }
            $0.cacheType = maybe { $0.elementType() }
            $0.pipelines = list { $0.pipelineStatus() }
            $0.prefixQueryTokens = maybe { $0.integer() }
            $0.prefixHitTokens = maybe { $0.integer() }
            $0.preemptions = maybe { $0.integer() }
            $0.runningSequences = maybe { $0.integer() }
            $0.stepMilliseconds = maybe { $0.time() }
            $0.planReason = maybe { $0.string() }
            $0.counters = list { Counter($0.string(), $0.integer()) }
        }
    }

    private mutating func pipelineStatus() -> PipelineStatus {
        PipelineStatus(
            pipeline: integer(), stages: integer(), blocks: integer(), freeBlocks: integer(), batchesInFlight: integer()
        ) {
            $0.cachedBlocks = maybe { $0.integer() }
            $0.inFlightLimit = maybe { $0.integer() }
            $0.inFlightReason = maybe { $0.string() }
        }
    }

    private mutating func workerStatus() -> WorkerStatus {
        WorkerStatus(name: string(), state: string()) {
            $0.hostID = string()
            $0.dataEndpoint = string()
            $0.cores = integer()
            $0.memoryBytes = integer()
            $0.instructionSet = string()
            $0.stage = maybe { $0.integer() }
            $0.firstLayer = maybe { $0.integer() }
            $0.layerCount = maybe { $0.integer() }
            $0.weightBytes = maybe { $0.integer() }
            $0.cacheBytes = maybe { $0.integer() }
            $0.speeds = list { $0.speed() }
            $0.statistics = maybe { $0.statistics() }
            $0.pipeline = maybe { $0.integer() }
            $0.linkMicroseconds = maybe { $0.integer() }
            $0.kvMemoryBytes = maybe { $0.integer() }
            $0.clockMicroseconds = maybe { $0.integer() }
        }
    }

    private mutating func requestStatus() -> RequestStatus {
        RequestStatus(
            requestID: integer(), state: string(), promptTokens: integer(), sequences: integer(),
            ageMilliseconds: integer()
        ) {
            $0.generatedTokens = integer()
            $0.firstTokenMilliseconds = maybe { $0.integer() }
            $0.priority = priority()
            $0.tokensPerSecond = maybe { $0.time() }
            $0.client = maybe { $0.string() }
        }
    }
}
