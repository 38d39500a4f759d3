internal import CWire
import Messages

extension GroupDigest {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__GroupDigest> {
        arena.message(paceline__group_digest__init) { message in
            message.group = arena.string(group)
            message.sha256 = arena.bytes(sha256)
        }
    }
}

extension Hello {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Hello> {
        arena.message(paceline__hello__init) { message in
            message.name = arena.string(name)
            message.host_id = arena.string(hostID)
            message.protocol_minimum = protocolMinimum
            message.protocol_maximum = protocolMaximum
            message.software = arena.string(software)
            message.cores = cores
            message.memory_bytes = memoryBytes
            message.instruction_set = arena.string(instructionSet)
            message.data_endpoint = arena.string(dataEndpoint)
            message.configuration_sha256 = arena.bytes(configurationSHA256)
            (message.n_digests, message.digests) = arena.messages(digests) { $0.encoded(in: arena) }
            (message.has_first_layer, message.first_layer) = optional(pinnedLayers?.lowerBound)
            (message.has_last_layer, message.last_layer) = optional(pinnedLayers?.upperBound)
            (message.has_kv_memory_bytes, message.kv_memory_bytes) = optional(kvMemoryBytes)
            (message.has_numerics_version, message.numerics_version) = optional(numericsVersion)
        }
    }
}

extension Welcome {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Welcome> {
        arena.message(paceline__welcome__init) { message in
            message.heartbeat_milliseconds = heartbeatMilliseconds
            message.protocol = version
            message.worker_id = arena.bytes(workerID)
        }
    }
}

extension Assignment {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Assignment> {
        arena.message(paceline__assignment__init) { message in
            message.stage = stage
            message.stage_count = stageCount
            message.first_layer = firstLayer
            message.layer_count = layerCount
            message.block_count = blockCount
            message.weight_type = weightType.encoded
            message.cache_type = cacheType.encoded
            message.activation_type = activationType.encoded
            message.successor = arena.string(successor)
            if let unusedIDs { (message.has_unused_ids, message.unused_ids) = (1, arena.bytes(unusedIDs)) }
        }
    }
}

extension Ready {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Ready> {
        arena.message(paceline__ready__init) { message in
            (message.n_digests, message.digests) = arena.messages(digests) { $0.encoded(in: arena) }
            message.weight_bytes = weightBytes
            message.cache_bytes = cacheBytes
            (message.has_block_count, message.block_count) = optional(blockCount)
        }
    }
}

extension Heartbeat {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Heartbeat> {
        arena.message(paceline__heartbeat__init) { message in
            message.statistics = statistics?.encoded(in: arena)
            (message.has_clock_microseconds, message.clock_microseconds) = optional(clockMicroseconds)
            (message.has_least_delay_microseconds, message.least_delay_microseconds) = optional(leastDelayMicroseconds)
        }
    }
}

extension Statistics {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Statistics> {
        arena.message(paceline__statistics__init) { message in
            message.batches = batches
            message.rows = rows
            message.busy_microseconds = busyMicroseconds
            message.received_sequence = receivedSequence
            message.sent_sequence = sentSequence
            message.dropped_messages = droppedMessages
            message.resident_bytes = residentBytes
            message.queued_batches = queuedBatches
            (message.has_waiting_microseconds, message.waiting_microseconds) = optional(waitingMicroseconds)
            (message.has_sent_bytes, message.sent_bytes) = optional(sentBytes)
            (message.has_received_bytes, message.received_bytes) = optional(receivedBytes)
        }
    }
}

extension Speed {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Speed> {
        arena.message(paceline__speed__init) { message in
            message.rows = rows
            message.milliseconds_per_layer = millisecondsPerLayer
            (message.has_head_milliseconds, message.head_milliseconds) = optional(headMilliseconds)
        }
    }
}

// Messages of one or two fields, which have no Swift type of their own.
extension MessageArena {
    func refused(_ reason: String) -> UnsafeMutablePointer<Paceline__Refused> {
        message(paceline__refused__init) { $0.reason = string(reason) }
    }

    func measured(_ speeds: [Speed]) -> UnsafeMutablePointer<Paceline__Measured> {
        message(paceline__measured__init) { ($0.n_speeds, $0.speeds) = messages(speeds) { $0.encoded(in: self) } }
    }

    func cancelBatches(_ batchIDs: [UInt64]) -> UnsafeMutablePointer<Paceline__CancelBatches> {
        message(paceline__cancel_batches__init) { ($0.n_batch_ids, $0.batch_ids) = numbers(batchIDs) }
    }

    func bye(_ reason: String?) -> UnsafeMutablePointer<Paceline__Bye> {
        message(paceline__bye__init) { $0.reason = string(reason) }
    }

    func fault(_ reason: String, fatal: Bool) -> UnsafeMutablePointer<Paceline__Fault> {
        message(paceline__fault__init) { message in
            message.reason = string(reason)
            (message.has_fatal, message.fatal) = flag(fatal)
        }
    }
}
