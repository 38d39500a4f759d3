internal import CWire
import Messages

extension Prompt {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Prompt> {
        arena.message(paceline__prompt__init) { message in
            switch content {
            case .text(let text):
                message.content_case = PACELINE__PROMPT__CONTENT_TEXT
                message.text = arena.bytes(text)
            case .tokens(let tokens):
                message.content_case = PACELINE__PROMPT__CONTENT_TOKENS
                message.tokens = arena.tokenList(tokens)
            }
            (message.has_special_tokens, message.special_tokens) = flag(specialTokens)
        }
    }
}

extension MessageArena {
    func tokenList(_ tokens: [Int32]) -> UnsafeMutablePointer<Paceline__TokenList> {
        message(paceline__token_list__init) { message in
            (message.n_ids, message.ids) = numbers(tokens)
        }
    }
}

extension Generate {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Generate> {
        arena.message(paceline__generate__init) { message in
            message.request_id = requestID
            message.prompt = prompt.encoded(in: arena)
            message.model = arena.string(model)
            (message.has_maximum_tokens, message.maximum_tokens) = optional(maximumTokens, default: 128)
            if parameters != RequestedSampling() { message.parameters = parameters.encoded(in: arena) }
            (message.has_sequences, message.sequences) = optional(sequences, default: 1)
            (message.n_stop_strings, message.stop_strings) = arena.byteStrings(stopStrings)
            (message.n_stop_tokens, message.stop_tokens) = arena.numbers(stopTokens)
            (message.has_ignore_end_of_text, message.ignore_end_of_text) = flag(ignoreEndOfText)
            (message.has_logprobs, message.logprobs) = flag(logprobs)
            (message.has_alternatives, message.alternatives) = optional(alternatives, default: 0)
            (message.has_credit, message.credit) = optional(credit, default: 64)
            (message.has_priority, message.priority) = optional(priority)
        }
    }
}

extension Score {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Score> {
        arena.message(paceline__score__init) { message in
            message.request_id = requestID
            message.prompt = prompt.encoded(in: arena)
            message.model = arena.string(model)
            (message.has_stride, message.stride) = optional(stride)
            (message.has_begin_with_end_of_text, message.begin_with_end_of_text) = flag(beginWithEndOfText)
            (message.has_alternatives, message.alternatives) = optional(alternatives, default: 0)
            (message.has_credit, message.credit) = optional(credit, default: 64)
            (message.has_priority, message.priority) = optional(priority)
        }
    }
}

extension Accepted {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Accepted> {
        arena.message(paceline__accepted__init) { message in
            message.request_id = requestID
            message.parameters = sampling?.encoded(in: arena)
            (message.n_end_tokens, message.end_tokens) = arena.numbers(endTokens)
            message.prompt_tokens = promptTokens
            (message.n_warnings, message.warnings) = arena.strings(warnings)
            message.numerics_version = numericsVersion
            message.model_sha256 = arena.bytes(modelSHA256)
            message.tokenizer_sha256 = arena.bytes(tokenizerSHA256)
        }
    }
}

extension Piece {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Piece> {
        arena.message(paceline__piece__init) { message in
            message.request_id = requestID
            message.index = index
            message.token_offset = tokenOffset
            message.text = arena.bytes(text)
            (message.n_tokens, message.tokens) = arena.numbers(tokens)
            (message.n_logprobs, message.logprobs) = arena.messages(logprobs) { $0.encoded(in: arena) }
        }
    }
}

extension Done {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Done> {
        arena.message(paceline__done__init) { message in
            message.request_id = requestID
            message.index = index
            message.reason = Paceline__FinishReason(reason.rawValue)
            message.seed = seed
            message.prompt_tokens = promptTokens
            message.generated_tokens = generatedTokens
            (message.has_context_full, message.context_full) = flag(isContextFull)
        }
    }
}

extension ScorePiece {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__ScorePiece> {
        arena.message(paceline__score_piece__init) { message in
            message.request_id = requestID
            message.token_offset = tokenOffset
            (message.n_scores, message.scores) = arena.messages(scores) { $0.encoded(in: arena) }
            (message.has_unscored_token, message.unscored_token) = optional(unscoredToken)
        }
    }
}

extension Failure {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Failure> {
        arena.message(paceline__failure__init) { message in
            message.request_id = requestID
            message.code = Paceline__FailureCode(code.rawValue)
            message.message = arena.string(self.message)
            (message.has_retry_milliseconds, message.retry_milliseconds) = optional(retryMilliseconds)
        }
    }
}

extension Tokenized {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Tokenized> {
        arena.message(paceline__tokenized__init) { message in
            message.request_id = requestID
            message.tokens = arena.tokenList(tokens)
            (message.n_warnings, message.warnings) = arena.strings(warnings)
        }
    }
}

// Messages of one or two fields, which have no Swift type of their own.
extension MessageArena {
    func cancel(_ requestID: UInt64) -> UnsafeMutablePointer<Paceline__Cancel> {
        message(paceline__cancel__init) { $0.request_id = requestID }
    }

    func credit(_ requestID: UInt64, pieces: UInt32) -> UnsafeMutablePointer<Paceline__Credit> {
        message(paceline__credit__init) { ($0.request_id, $0.pieces) = (requestID, pieces) }
    }

    func waiting(_ requestIDs: [UInt64]) -> UnsafeMutablePointer<Paceline__Waiting> {
        message(paceline__waiting__init) { ($0.n_request_ids, $0.request_ids) = numbers(requestIDs) }
    }

    func tokenize(_ requestID: UInt64, prompt: Prompt) -> UnsafeMutablePointer<Paceline__Tokenize> {
        message(paceline__tokenize__init) { ($0.request_id, $0.prompt) = (requestID, prompt.encoded(in: self)) }
    }

    func detokenize(_ requestID: UInt64, tokens: [Int32]) -> UnsafeMutablePointer<Paceline__Detokenize> {
        message(paceline__detokenize__init) { ($0.request_id, $0.tokens) = (requestID, tokenList(tokens)) }
    }

    func statusRequest(_ requestID: UInt64) -> UnsafeMutablePointer<Paceline__StatusRequest> {
        message(paceline__status_request__init) { $0.request_id = requestID }
    }

    func traceRequest(_ requestID: UInt64, after: UInt64) -> UnsafeMutablePointer<Paceline__TraceRequest> {
        message(paceline__trace_request__init) { message in
            message.request_id = requestID
            (message.has_after, message.after) = optional(after, default: 0)
        }
    }

    func detokenized(_ requestID: UInt64, text: [UInt8]) -> UnsafeMutablePointer<Paceline__Detokenized> {
        message(paceline__detokenized__init) { ($0.request_id, $0.text) = (requestID, bytes(text)) }
    }
}
