internal import CWire
import Messages

extension Status {
    init(decoding message: Paceline__Status) throws(WireError) {
        self.init(requestID: message.request_id)
        model = try string(message.model, "Status.model")
        modelSHA256 = try digest(message.model_sha256, "Status.model_sha256")
        software = try string(message.software, "Status.software")
        ready = message.ready != 0
        state = try string(message.state, "Status.state")
        uptimeMilliseconds = message.uptime_milliseconds
        layerCount = message.layer_count
        context = message.context
        workersWanted = message.workers_wanted
        blocks = message.blocks
        freeBlocks = message.free_blocks
        queuedRequests = message.queued_requests
        finishedRequests = message.finished_requests
        generatedTokens = message.generated_tokens
        droppedMessages = message.dropped_messages
        workers = try messages(
            message.workers, message.n_workers, "Status.workers", limit: WireLimits.workers,
            WorkerStatus.init(decoding:))
        requests = try messages(
            message.requests, message.n_requests, "Status.requests", limit: WireLimits.requests,
            RequestStatus.init(decoding:))
        weightType = try optionalType(message.has_weight_type, message.weight_type, "Status.weight_type")
        cacheType = try optionalType(message.has_cache_type, message.cache_type, "Status.cache_type")
        pipelines = try messages(
            message.pipelines, message.n_pipelines, "Status.pipelines", limit: WireLimits.pipelines,
            PipelineStatus.init(decoding:))
        prefixQueryTokens = optional(message.has_prefix_query_tokens, message.prefix_query_tokens)
        prefixHitTokens = optional(message.has_prefix_hit_tokens, message.prefix_hit_tokens)
        preemptions = optional(message.has_preemptions, message.preemptions)
        runningSequences = optional(message.has_running_sequences, message.running_sequences)
        stepMilliseconds = try optionalAmount(
            message.has_step_milliseconds, message.step_milliseconds, "Status.step_milliseconds")
        planReason = try optionalString(message.plan_reason, "Status.plan_reason")
        counters = try messages(
            message.counters, message.n_counters, "Status.counters", limit: WireLimits.counters,
            Counter.init(decoding:))
    }
}

extension Counter {
    init(decoding message: Paceline__Counter) throws(WireError) {
        self.init(try string(message.name, "Counter.name"), message.value)
    }
}

extension PipelineStatus {
    init(decoding message: Paceline__PipelineStatus) throws(WireError) {
        self.init(
            pipeline: message.pipeline, stages: message.stages, blocks: message.blocks, freeBlocks: message.free_blocks,
            batchesInFlight: message.batches_in_flight)
        cachedBlocks = optional(message.has_cached_blocks, message.cached_blocks)
        inFlightLimit = optional(message.has_in_flight_limit, message.in_flight_limit)
        inFlightReason = try optionalString(message.in_flight_reason, "PipelineStatus.in_flight_reason")
    }
}

extension WorkerStatus {
    init(decoding message: Paceline__WorkerStatus) throws(WireError) {
        self.init(
            name: try string(message.name, "WorkerStatus.name"), state: try string(message.state, "WorkerStatus.state"))
        hostID = try string(message.host_id, "WorkerStatus.host_id")
        dataEndpoint = try string(message.data_endpoint, "WorkerStatus.data_endpoint")
        cores = message.cores
        memoryBytes = message.memory_bytes
        instructionSet = try string(message.instruction_set, "WorkerStatus.instruction_set")
        stage = optional(message.has_stage, message.stage)
        firstLayer = optional(message.has_first_layer, message.first_layer)
        layerCount = optional(message.has_layer_count, message.layer_count)
        weightBytes = optional(message.has_weight_bytes, message.weight_bytes)
        cacheBytes = optional(message.has_cache_bytes, message.cache_bytes)
        speeds = try messages(
            message.speeds, message.n_speeds, "WorkerStatus.speeds", limit: WireLimits.speeds,
            Speed.init(decoding:))
        statistics = message.statistics.map { Statistics(decoding: $0.pointee) }
        pipeline = optional(message.has_pipeline, message.pipeline)
        linkMicroseconds = optional(message.has_link_microseconds, message.link_microseconds)
        kvMemoryBytes = optional(message.has_kv_memory_bytes, message.kv_memory_bytes)
        clockMicroseconds = optional(message.has_clock_microseconds, message.clock_microseconds)
    }
}

extension RequestStatus {
    init(decoding message: Paceline__RequestStatus) throws(WireError) {
        self.init(
            requestID: message.request_id, state: try string(message.state, "RequestStatus.state"),
            promptTokens: message.prompt_tokens, sequences: message.sequences, ageMilliseconds: message.age_milliseconds
        )
        generatedTokens = message.generated_tokens
        firstTokenMilliseconds = optional(message.has_first_token_milliseconds, message.first_token_milliseconds)
        priority = try RequestPriority(decoding: message.priority, "RequestStatus.priority")
        tokensPerSecond = try optionalAmount(
            message.has_tokens_per_second, message.tokens_per_second, "RequestStatus.tokens_per_second")
        client = try optionalString(message.client, "RequestStatus.client")
    }
}
