package import CWire
import Messages

extension ClientRequest: LinkMessage {
    package static var link: String { "client" }

    package func encode(into message: inout Paceline__Message, in arena: MessageArena) {
        switch self {
        case .generate(let generate):
            (message.body_case, message.generate) = (PACELINE__MESSAGE__BODY_GENERATE, generate.encoded(in: arena))
        case .score(let score):
            (message.body_case, message.score) = (PACELINE__MESSAGE__BODY_SCORE, score.encoded(in: arena))
        case .cancel(let id):
            (message.body_case, message.cancel) = (PACELINE__MESSAGE__BODY_CANCEL, arena.cancel(id))
        case .credit(let id, let pieces):
            (message.body_case, message.credit) = (PACELINE__MESSAGE__BODY_CREDIT, arena.credit(id, pieces: pieces))
        case .waiting(let ids):
            (message.body_case, message.waiting) = (PACELINE__MESSAGE__BODY_WAITING, arena.waiting(ids))
        case .tokenize(let id, let prompt):
            (message.body_case, message.tokenize) = (
                PACELINE__MESSAGE__BODY_TOKENIZE, arena.tokenize(id, prompt: prompt)
            )
        case .detokenize(let id, let tokens):
            (message.body_case, message.detokenize) = (
                PACELINE__MESSAGE__BODY_DETOKENIZE, arena.detokenize(id, tokens: tokens)
            )
        case .statusRequest(let id):
            (message.body_case, message.status_request) = (
                PACELINE__MESSAGE__BODY_STATUS_REQUEST, arena.statusRequest(id)
            )
        case .traceRequest(let id, let after):
            (message.body_case, message.trace_request) = (
                PACELINE__MESSAGE__BODY_TRACE_REQUEST, arena.traceRequest(id, after: after)
            )
        case .heartbeat(let heartbeat):
            (message.body_case, message.heartbeat) = (PACELINE__MESSAGE__BODY_HEARTBEAT, heartbeat.encoded(in: arena))
        }
    }

    package init(decoding message: Paceline__Message) throws(WireError) {
        self =
            switch message.body_case {
            case PACELINE__MESSAGE__BODY_GENERATE:
                .generate(try Generate(decoding: try body(message.generate)))
            case PACELINE__MESSAGE__BODY_SCORE: .score(try Score(decoding: try body(message.score)))
            case PACELINE__MESSAGE__BODY_CANCEL: .cancel(requestID: try body(message.cancel).request_id)
            case PACELINE__MESSAGE__BODY_CREDIT: Self.credit(try body(message.credit))
            case PACELINE__MESSAGE__BODY_WAITING: try Self.waiting(try body(message.waiting))
            case PACELINE__MESSAGE__BODY_TOKENIZE: try Self.tokenize(try body(message.tokenize))
            case PACELINE__MESSAGE__BODY_DETOKENIZE: try Self.detokenize(try body(message.detokenize))
            case PACELINE__MESSAGE__BODY_STATUS_REQUEST:
                .statusRequest(requestID: try body(message.status_request).request_id)
            case PACELINE__MESSAGE__BODY_TRACE_REQUEST: Self.traceRequest(try body(message.trace_request))
            case PACELINE__MESSAGE__BODY_HEARTBEAT:
                .heartbeat(Heartbeat(decoding: try body(message.heartbeat)))
            case PACELINE__MESSAGE__BODY__NOT_SET: throw .missingBody
            default: throw .foreignBody(link: Self.link)
            }
    }

    private static func credit(_ message: Paceline__Credit) -> Self {
        .credit(requestID: message.request_id, pieces: message.pieces)
    }

    private static func waiting(_ message: Paceline__Waiting) throws(WireError) -> Self {
        .waiting(
            requestIDs: try numbers(
                message.request_ids, message.n_request_ids, "Waiting.request_ids", limit: WireLimits.requests))
    }

    private static func tokenize(_ message: Paceline__Tokenize) throws(WireError) -> Self {
        .tokenize(requestID: message.request_id, prompt: try Prompt(decoding: message.prompt, "Tokenize.prompt"))
    }

    private static func detokenize(_ message: Paceline__Detokenize) throws(WireError) -> Self {
        .detokenize(requestID: message.request_id, tokens: try tokens(of: message.tokens, "Detokenize.tokens"))
    }

    private static func traceRequest(_ message: Paceline__TraceRequest) -> Self {
        .traceRequest(requestID: message.request_id, after: message.after)
    }
}
