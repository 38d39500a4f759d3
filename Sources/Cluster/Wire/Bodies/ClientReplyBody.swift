package import CWire
import Messages

extension ClientReply: LinkMessage {
    package static var link: String { "client" }

    package func encode(into message: inout Paceline__Message, in arena: MessageArena) {
        switch self {
        case .accepted(let accepted):
            (message.body_case, message.accepted) = (PACELINE__MESSAGE__BODY_ACCEPTED, accepted.encoded(in: arena))
        case .piece(let piece):
            (message.body_case, message.piece) = (PACELINE__MESSAGE__BODY_PIECE, piece.encoded(in: arena))
        case .done(let done):
            (message.body_case, message.done) = (PACELINE__MESSAGE__BODY_DONE, done.encoded(in: arena))
        case .scorePiece(let piece):
            (message.body_case, message.score_piece) = (PACELINE__MESSAGE__BODY_SCORE_PIECE, piece.encoded(in: arena))
        case .failure(let failure):
            (message.body_case, message.failure) = (PACELINE__MESSAGE__BODY_FAILURE, failure.encoded(in: arena))
        case .tokenized(let tokenized):
            (message.body_case, message.tokenized) = (PACELINE__MESSAGE__BODY_TOKENIZED, tokenized.encoded(in: arena))
        case .detokenized(let id, let text):
            (message.body_case, message.detokenized) = (
                PACELINE__MESSAGE__BODY_DETOKENIZED, arena.detokenized(id, text: text)
            )
        case .status(let status):
            (message.body_case, message.status) = (PACELINE__MESSAGE__BODY_STATUS, status.encoded(in: arena))
        case .trace(let trace):
            (message.body_case, message.trace) = (PACELINE__MESSAGE__BODY_TRACE, trace.encoded(in: arena))
        case .heartbeat(let heartbeat):
            (message.body_case, message.heartbeat) = (PACELINE__MESSAGE__BODY_HEARTBEAT, heartbeat.encoded(in: arena))
        }
    }

    package init(decoding message: Paceline__Message) throws(WireError) {
        self =
            switch message.body_case {
            case PACELINE__MESSAGE__BODY_ACCEPTED: .accepted(try Accepted(decoding: try body(message.accepted)))
            case PACELINE__MESSAGE__BODY_PIECE: .piece(try Piece(decoding: try body(message.piece)))
            case PACELINE__MESSAGE__BODY_DONE: .done(try Done(decoding: try body(message.done)))
            case PACELINE__MESSAGE__BODY_SCORE_PIECE:
                .scorePiece(try ScorePiece(decoding: try body(message.score_piece)))
            case PACELINE__MESSAGE__BODY_FAILURE:
                .failure(try Failure(decoding: try body(message.failure)))
            case PACELINE__MESSAGE__BODY_TOKENIZED: .tokenized(try Tokenized(decoding: try body(message.tokenized)))
            case PACELINE__MESSAGE__BODY_DETOKENIZED: Self.detokenized(try body(message.detokenized))
            case PACELINE__MESSAGE__BODY_STATUS: .status(try Status(decoding: try body(message.status)))
            case PACELINE__MESSAGE__BODY_TRACE: .trace(try Trace(decoding: try body(message.trace)))
            case PACELINE__MESSAGE__BODY_HEARTBEAT:
                .heartbeat(Heartbeat(decoding: try body(message.heartbeat)))
            case PACELINE__MESSAGE__BODY__NOT_SET: throw .missingBody
            default: throw .foreignBody(link: Self.link)
            }
    }

    private static func detokenized(_ message: Paceline__Detokenized) -> Self {
        .detokenized(requestID: message.request_id, text: bytes(message.text))
    }
}
