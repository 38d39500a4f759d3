internal import CWire
import Messages

extension Prompt {
    init(decoding message: Paceline__Prompt) throws(WireError) {
        let content: Content
        switch message.content_case {
        case PACELINE__PROMPT__CONTENT_TEXT: content = .text(bytes(message.text))
        case PACELINE__PROMPT__CONTENT_TOKENS: content = .tokens(try tokens(of: message.tokens, "Prompt.tokens"))
        default: throw .missingField("Prompt.content")
        }
        self.init(content: content, specialTokens: message.special_tokens != 0)
    }

    init(decoding message: UnsafeMutablePointer<Paceline__Prompt>?, _ field: String) throws(WireError) {
        try self.init(decoding: try required(message, field))
    }
}

func tokens(of list: UnsafeMutablePointer<Paceline__TokenList>?, _ field: String) throws(WireError) -> [Int32] {
    let list = try required(list, field)
    return try numbers(list.ids, list.n_ids, field)
}

extension Generate {
    init(decoding message: Paceline__Generate) throws(WireError) {
        self.init(
            requestID: message.request_id, prompt: try Prompt(decoding: message.prompt, "Generate.prompt"),
            model: try optionalString(message.model, "Generate.model"), maximumTokens: message.maximum_tokens,
            sequences: message.sequences, stopStrings: try Self.stopStrings(message),
            stopTokens: try numbers(
                message.stop_tokens, message.n_stop_tokens, "Generate.stop_tokens", limit: WireLimits.stops),
            ignoreEndOfText: message.ignore_end_of_text != 0, logprobs: message.logprobs != 0,
            alternatives: message.alternatives, credit: message.credit,
            priority: try RequestPriority(decoding: message.priority, "Generate.priority"))
        if let given = message.parameters { parameters = try RequestedSampling(decoding: given.pointee) }
    }

    private static func stopStrings(_ message: Paceline__Generate) throws(WireError) -> [[UInt8]] {
        try numbers(message.stop_strings, message.n_stop_strings, "Generate.stop_strings", limit: WireLimits.stops)
            .map { bytes($0) }
    }
}

extension Score {
    init(decoding message: Paceline__Score) throws(WireError) {
        self.init(
            requestID: message.request_id, prompt: try Prompt(decoding: message.prompt, "Score.prompt"),
            model: try optionalString(message.model, "Score.model"),
            stride: optional(message.has_stride, message.stride),
            beginWithEndOfText: message.begin_with_end_of_text != 0, alternatives: message.alternatives,
            credit: message.credit, priority: try RequestPriority(decoding: message.priority, "Score.priority"))
    }
}

extension Accepted {
    init(decoding message: Paceline__Accepted) throws(WireError) {
        self.init(
            requestID: message.request_id, promptTokens: message.prompt_tokens,
            numericsVersion: message.numerics_version,
            modelSHA256: try digest(message.model_sha256, "Accepted.model_sha256"),
            tokenizerSHA256: try digest(message.tokenizer_sha256, "Accepted.tokenizer_sha256"))
        if let parameters = message.parameters { sampling = try SamplingSettings(decoding: parameters.pointee) }
        endTokens = try numbers(
            message.end_tokens, message.n_end_tokens, "Accepted.end_tokens", limit: WireLimits.endTokens)
        warnings = try strings(
            message.warnings, message.n_warnings, "Accepted.warnings", limit: WireLimits.warnings)
    }
}

extension Piece {
    init(decoding message: Paceline__Piece) throws(WireError) {
        self.init(
            requestID: message.request_id, index: message.index, tokenOffset: message.token_offset,
            text: bytes(message.text), tokens: try numbers(message.tokens, message.n_tokens, "Piece.tokens"),
            logprobs: try [TokenResult](decoding: message.logprobs, message.n_logprobs, "Piece.logprobs"))
    }
}

extension Done {
    init(decoding message: Paceline__Done) throws(WireError) {
        guard let reason = FinishReason(rawValue: message.reason.rawValue) else {
            throw .unknownValue(field: "Done.reason", value: message.reason.rawValue)
        }
        self.init(
            requestID: message.request_id, index: message.index, reason: reason, seed: message.seed,
            promptTokens: message.prompt_tokens, generatedTokens: message.generated_tokens,
            isContextFull: message.context_full != 0)
    }
}

extension ScorePiece {
    init(decoding message: Paceline__ScorePiece) throws(WireError) {
        self.init(
            requestID: message.request_id, tokenOffset: message.token_offset,
            scores: try [TokenResult](decoding: message.scores, message.n_scores, "ScorePiece.scores"),
            unscoredToken: optional(message.has_unscored_token, message.unscored_token))
    }
}

extension Failure {
    init(decoding message: Paceline__Failure) throws(WireError) {
        guard let code = FailureCode(rawValue: message.code.rawValue) else {
            throw .unknownValue(field: "Failure.code", value: message.code.rawValue)
        }
        self.init(
            requestID: message.request_id, code: code, message: try string(message.message, "Failure.message"),
            retryMilliseconds: optional(message.has_retry_milliseconds, message.retry_milliseconds))
    }
}

extension Tokenized {
    init(decoding message: Paceline__Tokenized) throws(WireError) {
        self.init(
            requestID: message.request_id, tokens: try Wire.tokens(of: message.tokens, "Tokenized.tokens"),
            warnings: try strings(
                message.warnings, message.n_warnings, "Tokenized.warnings", limit: WireLimits.warnings))
    }
}
