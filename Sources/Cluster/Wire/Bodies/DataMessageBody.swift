package import CWire
import Messages

extension DataMessage: LinkMessage {
    package static var link: String { "data" }

    package func encode(into message: inout Paceline__Message, in arena: MessageArena) {
        switch self {
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
        }
    }

    package init(decoding message: Paceline__Message) throws(WireError) {
        self =
            switch message.body_case {
            case PACELINE__MESSAGE__BODY_BATCH: .batch(try Batch(decoding: try body(message.batch)))
            case PACELINE__MESSAGE__BODY_BATCH_RESULT:
                .batchResult(try BatchResult(decoding: try body(message.batch_result)))
            case PACELINE__MESSAGE__BODY_ANNOUNCEMENT: Self.announcement(try body(message.announcement))
            case PACELINE__MESSAGE__BODY__NOT_SET: throw .missingBody
            default: throw .foreignBody(link: Self.link)
            }
    }

    private static func announcement(_ message: Paceline__Announcement) -> Self {
        .announcement(batchID: optional(message.has_batch_id, message.batch_id))
    }

    package func check(tensors: [[UInt8]]) throws(WireError) {
        if case .batch(let batch) = self { try batch.check(tensors: tensors) }
    }
}
