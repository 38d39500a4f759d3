internal import CWire
import Messages

extension Status {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Status> {
        arena.message(paceline__status__init) { message in
            message.request_id = requestID
            message.model = arena.string(model)
            message.model_sha256 = arena.bytes(modelSHA256)
            message.software = arena.string(software)
            message.ready = boolean(ready)
            message.state = arena.string(state)
            message.uptime_milliseconds = uptimeMilliseconds
            message.layer_count = layerCount
            message.context = context
            message.workers_wanted = workersWanted
            message.blocks = blocks
            message.free_blocks = freeBlocks
            message.queued_requests = queuedRequests
            message.finished_requests = finishedRequests
            message.generated_tokens = generatedTokens
            message.dropped_messages = droppedMessages
            (message.n_workers, message.workers) = arena.messages(workers) { $0.encoded(in: arena) }
            (message.n_requests, message.requests) = arena.messages(requests) { $0.encoded(in: arena) }
            (message.has_weight_type, message.weight_type) = optional(weightType)
            (message.has_cache_type, message.cache_type) = optional(cacheType)
            (message.n_pipelines, message.pipelines) = arena.messages(pipelines) { $0.encoded(in: arena) }
            (message.has_prefix_query_tokens, message.prefix_query_tokens) = optional(prefixQueryTokens)
            (message.has_prefix_hit_tokens, message.prefix_hit_tokens) = optional(prefixHitTokens)
            (message.has_preemptions, message.preemptions) = optional(preemptions)
            (message.has_running_sequences, message.running_sequences) = optional(runningSequences)
            (message.has_step_milliseconds, message.step_milliseconds) = optional(stepMilliseconds)
            message.plan_reason = arena.string(planReason)
            (message.n_counters, message.counters) = arena.messages(counters) { $0.encoded(in: arena) }
        }
    }
}

extension Counter {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Counter> {
        arena.message(paceline__counter__init) { message in
            message.name = arena.string(name)
            message.value = value
        }
    }
}

extension PipelineStatus {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__PipelineStatus> {
        arena.message(paceline__pipeline_status__init) { message in
            message.pipeline = pipeline
            message.stages = stages
            message.blocks = blocks
            message.free_blocks = freeBlocks
            (message.has_cached_blocks, message.cached_blocks) = optional(cachedBlocks)
            message.batches_in_flight = batchesInFlight
            (message.has_in_flight_limit, message.in_flight_limit) = optional(inFlightLimit)
            message.in_flight_reason = arena.string(inFlightReason)
        }
    }
}

extension WorkerStatus {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__WorkerStatus> {
        arena.message(paceline__worker_status__init) { message in
            message.name = arena.string(name)
            message.state = arena.string(state)
            message.host_id = arena.string(hostID)
            message.data_endpoint = arena.string(dataEndpoint)
            message.cores = cores
            message.memory_bytes = memoryBytes
            message.instruction_set = arena.string(instructionSet)
            (message.has_stage, message.stage) = optional(stage)
            (message.has_first_layer, message.first_layer) = optional(firstLayer)
            (message.has_layer_count, message.layer_count) = optional(layerCount)
            (message.has_weight_bytes, message.weight_bytes) = optional(weightBytes)
            (message.has_cache_bytes, message.cache_bytes) = optional(cacheBytes)
            (message.n_speeds, message.speeds) = arena.messages(speeds) { $0.encoded(in: arena) }
            message.statistics = statistics?.encoded(in: arena)
            (message.has_pipeline, message.pipeline) = optional(pipeline)
            (message.has_link_microseconds, message.link_microseconds) = optional(linkMicroseconds)
            (message.has_kv_memory_bytes, message.kv_memory_bytes) = optional(kvMemoryBytes)
            (message.has_clock_microseconds, message.clock_microseconds) = optional(clockMicroseconds)
        }
    }
}

extension RequestStatus {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__RequestStatus> {
        arena.message(paceline__request_status__init) { message in
            message.request_id = requestID
            message.state = arena.string(state)
            message.prompt_tokens = promptTokens
            message.generated_tokens = generatedTokens
            message.sequences = sequences
            message.age_milliseconds = ageMilliseconds
            (message.has_first_token_milliseconds, message.first_token_milliseconds) = optional(firstTokenMilliseconds)
            (message.has_priority, message.priority) = optional(priority)
            (message.has_tokens_per_second, message.tokens_per_second) = optional(tokensPerSecond)
            message.client = arena.string(client)
        }
    }
}
