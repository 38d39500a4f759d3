import Messages

extension RandomMessages {
    mutating func digest() -> GroupDigest { GroupDigest(group: string(), sha256: bytes(32)) }

    mutating func hello() -> Hello {
        let (first, second): (UInt32, UInt32) = (integer(), integer())
        return Hello(
            name: string(), hostID: string(), protocolMinimum: integer(), protocolMaximum: integer(),
            software: string(), cores: integer(), memoryBytes: integer(), instructionSet: string(),
            dataEndpoint: string(), configurationSHA256: bytes(32), digests: list { $0.digest() },
            pinnedLayers: maybe { _ in min(first, second)...max(first, second) }, kvMemoryBytes: maybe { $0.integer() })
    }

    mutating func assignment() -> Assignment {
        Assignment(
            stage: integer(), stageCount: integer(), firstLayer: integer(), layerCount: integer(),
            blockCount: integer(), weightType: elementType(), cacheType: elementType(), activationType: elementType(),
            successor: string())
    }

    mutating func statistics() -> Statistics {
        Statistics(
            batches: integer(), rows: integer(), busyMicroseconds: integer(), receivedSequence: integer(),
            sentSequence: integer(), droppedMessages: integer(), residentBytes: integer(), queuedBatches: integer(),
            waitingMicroseconds: maybe { $0.integer() }, sentBytes: maybe { $0.integer() },
            receivedBytes: maybe { $0.integer() })
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
            receivedMicroseconds: integer(), rows: integer(), sequences: integer(), promptRows: integer(),
            decodeRows: integer(), timings: list { $0.timing() })
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
            logitBias: list { LogitBias(token: $0.integer(), bias: $0.real()) }, seed: maybe { $0.integer() })
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
        Prompt(content: bool() ? .text(bytes()) : .tokens(list { $0.integer() }), allowEndOfText: bool())
    }

    mutating func generate() -> Generate {
        Generate(
            requestID: integer(), prompt: prompt(), model: maybe { $0.string() }, maximumTokens: integer(),
            parameters: bool() ? parameters() : SamplingSettings(), sequences: integer(),
            stopStrings: list { $0.bytes() }, stopTokens: list { $0.integer() }, ignoreEndOfText: bool(),
            logprobs: bool(), alternatives: integer(), credit: integer(), priority: priority())
    }

    mutating func status() -> Status {
        Status(
            requestID: integer(), model: string(), modelSHA256: bytes(32), software: string(), ready: bool(),
            state: string(), uptimeMilliseconds: integer(), layerCount: integer(), context: integer(),
            workersWanted: integer(), blocks: integer(), freeBlocks: integer(), queuedRequests: integer(),
            finishedRequests: integer(), generatedTokens: integer(), droppedMessages: integer(),
            workers: list { $0.workerStatus() }, requests: list { $0.requestStatus() },
            weightType: maybe { $0.elementType() }, cacheType: maybe { $0.elementType() },
            pipelines: list { $0.pipelineStatus() }, prefixQueryTokens: maybe { $0.integer() },
            prefixHitTokens: maybe { $0.integer() }, preemptions: maybe { $0.integer() },
            runningSequences: maybe { $0.integer() }, stepMilliseconds: maybe { $0.time() },
            planReason: maybe { $0.string() })
    }

    private mutating func pipelineStatus() -> PipelineStatus {
        PipelineStatus(
            pipeline: integer(), stages: integer(), blocks: integer(), freeBlocks: integer(),
            cachedBlocks: maybe { $0.integer() }, batchesInFlight: integer(), inFlightLimit: maybe { $0.integer() },
            inFlightReason: maybe { $0.string() })
    }

    private mutating func workerStatus() -> WorkerStatus {
        WorkerStatus(
            name: string(), state: string(), hostID: string(), dataEndpoint: string(), cores: integer(),
            memoryBytes: integer(), instructionSet: string(), stage: maybe { $0.integer() },
            firstLayer: maybe { $0.integer() }, layerCount: maybe { $0.integer() },
            weightBytes: maybe { $0.integer() }, cacheBytes: maybe { $0.integer() }, speeds: list { $0.speed() },
            statistics: maybe { $0.statistics() }, pipeline: maybe { $0.integer() },
            linkMicroseconds: maybe { $0.integer() }, kvMemoryBytes: maybe { $0.integer() },
            clockMicroseconds: maybe { $0.integer() })
    }

    private mutating func requestStatus() -> RequestStatus {
        RequestStatus(
            requestID: integer(), state: string(), promptTokens: integer(), generatedTokens: integer(),
            sequences: integer(), ageMilliseconds: integer(), firstTokenMilliseconds: maybe { $0.integer() },
            priority: priority(), tokensPerSecond: maybe { $0.time() }, client: maybe { $0.string() })
    }
}
