internal import CWire
import Messages

extension Batch {
    init(decoding message: Paceline__Batch) throws(WireError) {
        self.init(
            batchID: message.batch_id,
            slices: try messages(
                message.slices, message.n_slices, "Batch.slices", limit: WireLimits.slices, Slice.init(decoding:)),
            copies: try messages(
                message.copies, message.n_copies, "Batch.copies", limit: WireLimits.copies, BlockCopy.init(decoding:)),
            activations: try ActivationShape(decoding: message), cancelled: message.cancelled != 0,
            error: try optionalString(message.error, "Batch.error"),
            timings: try [StageTiming](decoding: message.timings, message.n_timings, "Batch.timings"))
    }

    /// Throws unless the raw frames are what the header says: the activations, or nothing.
    func check(tensors: [[UInt8]]) throws(WireError) {
        guard let activations else {
            guard tensors.isEmpty else {
                throw .inconsistent(field: "Batch.rows", reason: "absent, yet a raw frame came along")
            }
            return
        }
        guard tensors.count == 1, activations.byteCount == tensors[0].count else {
            throw .inconsistent(
                field: "Batch.rows",
                reason: "activations of [\(activations.rows), \(activations.width)] \(activations.type) do not fit raw "
                    + "frames of \(tensors.map(\.count)) bytes")
        }
    }
}

extension ActivationShape {
    init?(decoding message: Paceline__Batch) throws(WireError) {
        let presence = [message.has_rows, message.has_width, message.has_activation_type].map { $0 != 0 }
        guard presence.contains(true) else { return nil }
        for (present, field) in zip(presence, ["Batch.rows", "Batch.width", "Batch.activation_type"]) where !present {
            throw .missingField(field)
        }
        self.init(
            rows: message.rows, width: message.width,
            type: try TensorType(decoding: message.activation_type, "Batch.activation_type"))
    }

    /// Size of the matrix; nil where that is beyond any frame, or activations cannot be of the type.
    var byteCount: Int? {
        let (count, overflow) = UInt64(rows).multipliedReportingOverflow(by: UInt64(width))
        guard !overflow, count <= UInt64(WireLimits.tensorBytes) else { return nil }
        switch type {
        case .f32: return 4 * Int(count)
        case .f16, .bf16: return 2 * Int(count)
        case .int8, .int4: return nil
        }
    }
}

extension Slice {
    init(decoding message: Paceline__Slice) throws(WireError) {
        self.init(
            sequenceID: message.sequence_id, index: message.index, start: message.start,
            tokens: try numbers(message.tokens, message.n_tokens, "Slice.tokens"),
            blockTable: try numbers(message.block_table, message.n_block_table, "Slice.block_table"))
        if let output = message.sample { sample = try SampleOutput(decoding: output.pointee) }
        if let output = message.score { score = try ScoreOutput(decoding: output.pointee) }
    }
}

extension SampleOutput {
    init(decoding message: Paceline__SampleOutput) throws(WireError) {
        self.init(
            parameters: try SamplingSettings(
                decoding: try required(message.parameters, "SampleOutput.parameters")),
            history: try numbers(message.history, message.n_history, "SampleOutput.history"),
            promptCount: message.prompt_count, alternatives: message.alternatives)
    }
}

extension ScoreOutput {
    init(decoding message: Paceline__ScoreOutput) throws(WireError) {
        self.init(
            firstRow: message.first_row,
            targets: try numbers(message.targets, message.n_targets, "ScoreOutput.targets"),
            alternatives: message.alternatives)
    }
}

extension BlockCopy {
    init(decoding message: Paceline__BlockCopy) {
        self.init(from: message.from, to: message.to)
    }
}

extension BatchResult {
    init(decoding message: Paceline__BatchResult) throws(WireError) {
        self.init(
            batchID: message.batch_id,
            sequences: try messages(
                message.sequences, message.n_sequences, "BatchResult.sequences", limit: WireLimits.slices,
                SequenceResult.init(decoding:)),
            cancelled: message.cancelled != 0, error: try optionalString(message.error, "BatchResult.error"),
            timings: try [StageTiming](decoding: message.timings, message.n_timings, "BatchResult.timings"))
    }
}

extension SequenceResult {
    init(decoding message: Paceline__SequenceResult) throws(WireError) {
        self.init(
            sequenceID: message.sequence_id,
            scores: try [TokenResult](decoding: message.scores, message.n_scores, "SequenceResult.scores"),
            error: try optionalString(message.error, "SequenceResult.error"))
        if let result = message.sampled { sampled = try TokenResult(decoding: result.pointee) }
    }
}

extension TokenResult {
    init(decoding message: Paceline__TokenResult) throws(WireError) {
        let tokens = try numbers(
            message.alternative_tokens, message.n_alternative_tokens, "TokenResult.alternative_tokens",
            limit: WireLimits.alternatives)
        let logprobs = try numbers(
            message.alternative_logprobs, message.n_alternative_logprobs, "TokenResult.alternative_logprobs",
            limit: WireLimits.alternatives)
        guard tokens.count == logprobs.count else {
            throw .inconsistent(
                field: "TokenResult.alternative_tokens",
                reason: "\(tokens.count) tokens with \(logprobs.count) alternative_logprobs")
        }
        self.init(
            token: message.token, logprob: message.logprob,
            alternatives: zip(tokens, logprobs).map { Alternative(token: $0, logprob: $1) })
    }
}

extension [TokenResult] {
    init(
        decoding list: UnsafeMutablePointer<UnsafeMutablePointer<Paceline__TokenResult>?>?, _ count: Int,
        _ field: String
    ) throws(WireError) {
        self = try messages(list, count, field, limit: WireLimits.tokenResults, TokenResult.init(decoding:))
    }
}
