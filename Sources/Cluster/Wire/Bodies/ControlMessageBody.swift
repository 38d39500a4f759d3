package import CWire
import Messages

extension ControlMessage: LinkMessage {
    package static var link: String { "control" }

    package func encode(into message: inout Paceline__Message, in arena: MessageArena) {
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
        case .cancelBatches(let batchIDs):
            (message.body_case, message.cancel_batches) = (
                PACELINE__MESSAGE__BODY_CANCEL_BATCHES, arena.cancelBatches(batchIDs)
            )
        case .drain:
            (message.body_case, message.drain) = (PACELINE__MESSAGE__BODY_DRAIN, arena.message(paceline__drain__init))
        case .bye(let reason):
            (message.body_case, message.bye) = (PACELINE__MESSAGE__BODY_BYE, arena.bye(reason))
        case .fault(let reason, let fatal):
            (message.body_case, message.fault) = (PACELINE__MESSAGE__BODY_FAULT, arena.fault(reason, fatal: fatal))
        }
    }

    package init(decoding message: Paceline__Message) throws(WireError) {
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
            case PACELINE__MESSAGE__BODY_CANCEL_BATCHES:
                .cancelBatches(batchIDs: try Self.batchIDs(try body(message.cancel_batches)))
            case PACELINE__MESSAGE__BODY_DRAIN: .drain
            case PACELINE__MESSAGE__BODY_BYE:
                .bye(reason: try optionalString(try body(message.bye).reason, "Bye.reason"))
            case PACELINE__MESSAGE__BODY_FAULT: try Self.fault(try body(message.fault))
            case PACELINE__MESSAGE__BODY__NOT_SET: throw .missingBody
            default: throw .foreignBody(link: Self.link)
            }
    }

    private static func speeds(_ message: Paceline__Measured) throws(WireError) -> [Speed] {
        try messages(
            message.speeds, message.n_speeds, "Measured.speeds", limit: WireLimits.speeds, Speed.init(decoding:))
    }

    private static func batchIDs(_ message: Paceline__CancelBatches) throws(WireError) -> [UInt64] {
        try numbers(message.batch_ids, message.n_batch_ids, "CancelBatches.batch_ids")
    }

    private static func fault(_ message: Paceline__Fault) throws(WireError) -> Self {
        .fault(reason: try string(message.reason, "Fault.reason"), fatal: message.fatal != 0)
    }
}
