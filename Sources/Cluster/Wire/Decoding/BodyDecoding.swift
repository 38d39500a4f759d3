internal import CWire

extension WireMessage.Body {
    /// The body whose field is set; throws ``WireError/missingBody`` for a field this version does not know.
    init(decoding message: Paceline__Message) throws(WireError) {
        self =
            switch message.body_case {
            case PACELINE__MESSAGE__BODY_HELLO: .hello(try Hello(decoding: try body(message.hello)))
            case PACELINE__MESSAGE__BODY_WELCOME: .welcome(Welcome(decoding: try body(message.welcome)))
            case PACELINE__MESSAGE__BODY_REFUSED:
                .refused(reason: try string(try body(message.refused).reason, "Refused.reason"))
            case PACELINE__MESSAGE__BODY_ASSIGNMENT:
                .assignment(try Assignment(decoding: try body(message.assignment)))
            case PACELINE__MESSAGE__BODY_READY: .ready(try Ready(decoding: try body(message.ready)))
            case PACELINE__MESSAGE__BODY_HEARTBEAT:
                .heartbeat(Heartbeat(decoding: try body(message.heartbeat)))
            case PACELINE__MESSAGE__BODY_MEASURE: .measure
            case PACELINE__MESSAGE__BODY_MEASURED:
                .measured(try Self.speeds(try body(message.measured)))
            case PACELINE__MESSAGE__BODY_ABANDON:
                .abandon(batchIDs: try Self.batchIDs(try body(message.abandon)))
            case PACELINE__MESSAGE__BODY_DRAIN: .drain
            case PACELINE__MESSAGE__BODY_BYE:
                .bye(reason: try optionalString(try body(message.bye).reason, "Bye.reason"))
            case PACELINE__MESSAGE__BODY_FAULT: try Self.fault(try body(message.fault))

            case PACELINE__MESSAGE__BODY_BATCH: .batch(try Batch(decoding: try body(message.batch)))
            case PACELINE__MESSAGE__BODY_BATCH_RESULT:
                .batchResult(try BatchResult(decoding: try body(message.batch_result)))
            case PACELINE__MESSAGE__BODY_ANNOUNCEMENT: Self.announcement(try body(message.announcement))

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
            case PACELINE__MESSAGE__BODY_PIECE: .piece(try Piece(decoding: try body(message.piece)))
            case PACELINE__MESSAGE__BODY_DONE: .done(try Done(decoding: try body(message.done)))
            case PACELINE__MESSAGE__BODY_SCORE_PIECE:
                .scorePiece(try ScorePiece(decoding: try body(message.score_piece)))
            case PACELINE__MESSAGE__BODY_FAILURE:
                .failure(try Failure(decoding: try body(message.failure)))
            case PACELINE__MESSAGE__BODY_TOKENIZED: try Self.tokenized(try body(message.tokenized))
            case PACELINE__MESSAGE__BODY_DETOKENIZED: Self.detokenized(try body(message.detokenized))
            case PACELINE__MESSAGE__BODY_STATUS: .status(try Status(decoding: try body(message.status)))
            case PACELINE__MESSAGE__BODY_TRACE: .trace(try Trace(decoding: try body(message.trace)))
            default: throw .missingBody
            }
    }
}

/// What the set field points to.
private func body<C>(_ message: UnsafeMutablePointer<C>?) throws(WireError) -> C {
    guard let message else { throw .missingBody }
    return message.pointee
}
