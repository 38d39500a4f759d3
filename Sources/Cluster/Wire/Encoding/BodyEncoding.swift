internal import CWire

extension WireMessage.Body {
    /// Puts the body into `message`: the number of its field, and its structure.
    func encode(into message: inout Paceline__Message, in arena: MessageArena) {
        switch self {
        case .hello(let hello):
            (message.body_case, message.hello) = (PACELINE__MESSAGE__BODY_HELLO, hello.encoded(in: arena))
        case .welcome(let welcome):
            (message.body_case, message.welcome) = (PACELINE__MESSAGE__BODY_WELCOME, welcome.encoded(in: arena))
        case .refused(let reason):
            (message.body_case, message.refused) = (PACELINE__MESSAGE__BODY_REFUSED, arena.refused(reason))
        case .assignment(let assignment):
            (message.body_case, message.assignment) = (
                PACELINE__MESSAGE__BODY_ASSIGNMENT, assignment.encoded(in: arena)
            )
        case .ready(let ready):
            (message.body_case, message.ready) = (PACELINE__MESSAGE__BODY_READY, ready.encoded(in: arena))
        case .heartbeat(let heartbeat):
            (message.body_case, message.heartbeat) = (PACELINE__MESSAGE__BODY_HEARTBEAT, heartbeat.encoded(in: arena))
        case .measure:
            (message.body_case, message.measure) = (
                PACELINE__MESSAGE__BODY_MEASURE, arena.message(paceline__measure__init)
            )
        case .measured(let speeds):
            (message.body_case, message.measured) = (PACELINE__MESSAGE__BODY_MEASURED, arena.measured(speeds))
        case .abandon(let batchIDs):
            (message.body_case, message.abandon) = (PACELINE__MESSAGE__BODY_ABANDON, arena.abandon(batchIDs))
        case .drain:
            (message.body_case, message.drain) = (PACELINE__MESSAGE__BODY_DRAIN, arena.message(paceline__drain__init))
        case .bye(let reason):
            (message.body_case, message.bye) = (PACELINE__MESSAGE__BODY_BYE, arena.bye(reason))
        case .fault(let reason, let fatal):
            (message.body_case, message.fault) = (PACELINE__MESSAGE__BODY_FAULT, arena.fault(reason, fatal: fatal))

        case .batch(let batch):
            (message.body_case, message.batch) = (PACELINE__MESSAGE__BODY_BATCH, batch.encoded(in: arena))
        case .batchResult(let result):
            (message.body_case, message.batch_result) = (
                PACELINE__MESSAGE__BODY_BATCH_RESULT, result.encoded(in: arena)
            )
        case .announcement(let batchID):
            (message.body_case, message.announcement) = (
                PACELINE__MESSAGE__BODY_ANNOUNCEMENT, arena.announcement(batchID)
            )

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
        case .piece(let piece):
            (message.body_case, message.piece) = (PACELINE__MESSAGE__BODY_PIECE, piece.encoded(in: arena))
        case .done(let done):
            (message.body_case, message.done) = (PACELINE__MESSAGE__BODY_DONE, done.encoded(in: arena))
        case .scorePiece(let piece):
            (message.body_case, message.score_piece) = (PACELINE__MESSAGE__BODY_SCORE_PIECE, piece.encoded(in: arena))
        case .failure(let failure):
            (message.body_case, message.failure) = (PACELINE__MESSAGE__BODY_FAILURE, failure.encoded(in: arena))
        case .tokenized(let id, let tokens):
            (message.body_case, message.tokenized) = (
                PACELINE__MESSAGE__BODY_TOKENIZED, arena.tokenized(id, tokens: tokens)
            )
        case .detokenized(let id, let text):
            (message.body_case, message.detokenized) = (
                PACELINE__MESSAGE__BODY_DETOKENIZED, arena.detokenized(id, text: text)
            )
        case .status(let status):
            (message.body_case, message.status) = (PACELINE__MESSAGE__BODY_STATUS, status.encoded(in: arena))
        case .trace(let trace):
            (message.body_case, message.trace) = (PACELINE__MESSAGE__BODY_TRACE, trace.encoded(in: arena))
        }
    }
}
