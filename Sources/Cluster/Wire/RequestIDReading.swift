internal import CWire
import Messages

extension ClientRequest {
    /// The number of the request in a header frame, also where the rest of it breaks a limit; nil where it is no message
    /// of protobuf, or no request.
    package static func requestID(inHeader header: [UInt8]) -> UInt64? {
        guard header.count <= WireLimits.headerBytes else { return nil }
        let arena = MessageArena(budget: WireLimits.memory(headerBytes: header.count))
        defer { withExtendedLifetime(arena) {} }
        let unpacked = arena.withAllocator { allocator in
            header.withUnsafeBufferPointer { paceline__message__unpack(&allocator, $0.count, $0.baseAddress) }
        }
        guard let message = unpacked?.pointee else { return nil }
        return switch message.body_case {
        case PACELINE__MESSAGE__BODY_GENERATE: message.generate?.pointee.request_id
        case PACELINE__MESSAGE__BODY_SCORE: message.score?.pointee.request_id
        case PACELINE__MESSAGE__BODY_TOKENIZE: message.tokenize?.pointee.request_id
        case PACELINE__MESSAGE__BODY_DETOKENIZE: message.detokenize?.pointee.request_id
        case PACELINE__MESSAGE__BODY_STATUS_REQUEST: message.status_request?.pointee.request_id
        case PACELINE__MESSAGE__BODY_TRACE_REQUEST: message.trace_request?.pointee.request_id
        default: nil
        }
    }
}
