internal import CWire
import Messages

extension GroupDigest {
    init(decoding message: Paceline__GroupDigest) throws(WireError) {
        self.init(
            group: try string(message.group, "GroupDigest.group"),
            sha256: try digest(message.sha256, "GroupDigest.sha256"))
    }
}

extension Hello {
    init(decoding message: Paceline__Hello) throws(WireError) {
        self.init(
            name: try string(message.name, "Hello.name"), hostID: try string(message.host_id, "Hello.host_id"),
            dataEndpoint: try string(message.data_endpoint, "Hello.data_endpoint"),
            configurationSHA256: try digest(message.configuration_sha256, "Hello.configuration_sha256"))
        protocolMinimum = message.protocol_minimum
        protocolMaximum = message.protocol_maximum
        software = try string(message.software, "Hello.software")
        cores = message.cores
        memoryBytes = message.memory_bytes
        instructionSet = try string(message.instruction_set, "Hello.instruction_set")
        digests = try messages(
            message.digests, message.n_digests, "Hello.digests", limit: WireLimits.digests,
            GroupDigest.init(decoding:))
        pinnedLayers = try Self.pinnedLayers(message)
        kvMemoryBytes = optional(message.has_kv_memory_bytes, message.kv_memory_bytes)
        numericsVersion = optional(message.has_numerics_version, message.numerics_version)
    }

    private static func pinnedLayers(_ message: Paceline__Hello) throws(WireError) -> ClosedRange<UInt32>? {
        let first = optional(message.has_first_layer, message.first_layer)
        let last = optional(message.has_last_layer, message.last_layer)
        switch (first, last) {
        case (nil, nil): return nil
        case (let first?, let last?):
            guard first <= last else {
                throw .inconsistent(field: "Hello.first_layer", reason: "\(first) is past last_layer \(last)")
            }
            return first...last
        case (nil, _): throw .missingField("Hello.first_layer")
        case (_, nil): throw .missingField("Hello.last_layer")
        }
    }
}

extension Welcome {
    init(decoding message: Paceline__Welcome) {
        self.init(
            heartbeatMilliseconds: message.heartbeat_milliseconds, version: message.protocol,
            workerID: bytes(message.worker_id))
    }
}

extension Assignment {
    init(decoding message: Paceline__Assignment) throws(WireError) {
        self.init(
            stage: message.stage, stageCount: message.stage_count, firstLayer: message.first_layer,
            layerCount: message.layer_count, blockCount: message.block_count,
            successor: try string(message.successor, "Assignment.successor"))
        weightType = try TensorType(decoding: message.weight_type, "Assignment.weight_type")
        cacheType = try TensorType(decoding: message.cache_type, "Assignment.cache_type")
        activationType = try TensorType(decoding: message.activation_type, "Assignment.activation_type")
        unusedIDs = try Self.unusedIDs(message)
    }

    private static func unusedIDs(_ message: Paceline__Assignment) throws(WireError) -> [UInt8]? {
        guard message.has_unused_ids != 0 else { return nil }
        let bits = bytes(message.unused_ids)
        guard bits.count <= WireLimits.vocabularyBits else {
            throw .tooMany(field: "Assignment.unused_ids", count: bits.count, limit: WireLimits.vocabularyBits)
        }
        return bits
    }
}

extension Ready {
    init(decoding message: Paceline__Ready) throws(WireError) {
        self.init(
            digests: try messages(
                message.digests, message.n_digests, "Ready.digests", limit: WireLimits.digests,
                GroupDigest.init(decoding:)),
            weightBytes: message.weight_bytes, cacheBytes: message.cache_bytes,
            blockCount: optional(message.has_block_count, message.block_count))
    }
}

extension Heartbeat {
    init(decoding message: Paceline__Heartbeat) {
        self.init(
            statistics: message.statistics.map { Statistics(decoding: $0.pointee) },
            clockMicroseconds: optional(message.has_clock_microseconds, message.clock_microseconds),
            leastDelayMicroseconds: optional(message.has_least_delay_microseconds, message.least_delay_microseconds))
    }
}

extension Statistics {
    init(decoding message: Paceline__Statistics) {
        self.init()
        batches = message.batches
        rows = message.rows
        busyMicroseconds = message.busy_microseconds
        receivedSequence = message.received_sequence
        sentSequence = message.sent_sequence
        droppedMessages = message.dropped_messages
        residentBytes = message.resident_bytes
        queuedBatches = message.queued_batches
        waitingMicroseconds = optional(message.has_waiting_microseconds, message.waiting_microseconds)
        sentBytes = optional(message.has_sent_bytes, message.sent_bytes)
        receivedBytes = optional(message.has_received_bytes, message.received_bytes)
    }
}

extension Speed {
    init(decoding message: Paceline__Speed) throws(WireError) {
        let times = [message.milliseconds_per_layer, message.head_milliseconds]
        guard times.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw .inconsistent(field: "Speed", reason: "a time that is none")
        }
        self.init(
            rows: message.rows, millisecondsPerLayer: message.milliseconds_per_layer,
            headMilliseconds: optional(message.has_head_milliseconds, message.head_milliseconds))
    }
}
