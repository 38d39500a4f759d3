internal import CWire

// Messages of one or two fields, which have no Swift type of their own.
extension WireMessage.Body {
    static func speeds(_ message: Paceline__Measured) throws(WireError) -> [Speed] {
        try messages(
            message.speeds, message.n_speeds, "Measured.speeds", limit: WireLimits.speeds, Speed.init(decoding:))
    }

    static func batchIDs(_ message: Paceline__Abandon) throws(WireError) -> [UInt64] {
        try numbers(message.batch_ids, message.n_batch_ids, "Abandon.batch_ids")
    }

    static func fault(_ message: Paceline__Fault) throws(WireError) -> Self {
        .fault(reason: try string(message.reason, "Fault.reason"), fatal: message.fatal != 0)
    }

    static func announcement(_ message: Paceline__Announcement) -> Self {
        .announcement(batchID: optional(message.has_batch_id, message.batch_id))
    }

    static func credit(_ message: Paceline__Credit) -> Self {
        .credit(requestID: message.request_id, pieces: message.pieces)
    }

    static func waiting(_ message: Paceline__Waiting) throws(WireError) -> Self {
        .waiting(
            requestIDs: try numbers(
                message.request_ids, message.n_request_ids, "Waiting.request_ids", limit: WireLimits.requests))
    }

    static func tokenize(_ message: Paceline__Tokenize) throws(WireError) -> Self {
        .tokenize(requestID: message.request_id, prompt: try Prompt(decoding: message.prompt, "Tokenize.prompt"))
    }

    static func detokenize(_ message: Paceline__Detokenize) throws(WireError) -> Self {
        .detokenize(requestID: message.request_id, tokens: try tokens(of: message.tokens, "Detokenize.tokens"))
    }

    static func traceRequest(_ message: Paceline__TraceRequest) -> Self {
        .traceRequest(requestID: message.request_id, after: message.after)
    }

    static func tokenized(_ message: Paceline__Tokenized) throws(WireError) -> Self {
        .tokenized(requestID: message.request_id, tokens: try tokens(of: message.tokens, "Tokenized.tokens"))
    }

    static func detokenized(_ message: Paceline__Detokenized) -> Self {
        .detokenized(requestID: message.request_id, text: bytes(message.text))
    }
}
