internal import CWire

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
        }
    }
}
