/// Why frames are not a message of `proto/`.
public enum WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no frame at all.
    case noHeaderFrame
    case tooManyFrames(Int)
    case headerTooLarge(bytes: Int)
    /// `frame` counts from the header, which is 0.
    case tensorTooLarge(frame: Int, bytes: Int)
    /// The header is not a `Message`, lacks a required field, or takes more memory than its size warrants.
    case unreadableHeader(bytes: Int)
    /// The header has no body, or one this version does not know.
    case missingBody
    /// A message of another link.
    case foreignBody(link: String)
    /// A field that its neighbours call for is not there.
    case missingField(String)
    case unknownValue(field: String, value: UInt32)
    case wrongLength(field: String, bytes: Int, expected: Int)
    case stringTooLong(field: String, bytes: Int)
    case tooMany(field: String, count: Int, limit: Int)
    /// Fields that contradict each other.
    case inconsistent(field: String, reason: String)

    public var description: String {
        switch self {
        case .noHeaderFrame: "message without a header frame"
        case .tooManyFrames(let count): "message of \(count) frames; at most \(WireLimits.frames) are allowed"
        case .headerTooLarge(let bytes):
            "header frame of \(bytes) bytes; at most \(WireLimits.headerBytes) are allowed"
        case .tensorTooLarge(let frame, let bytes):
            "frame \(frame) has \(bytes) bytes; at most \(WireLimits.tensorBytes) are allowed"
        case .unreadableHeader(let bytes): "header frame of \(bytes) bytes is not a readable paceline.Message"
        case .missingBody: "message without a body known to protocol version \(ProtocolVersion.current)"
        case .foreignBody(let link): "not a message of the \(link) link"
        case .missingField(let field): "\(field) is missing"
        case .unknownValue(let field, let value): "\(field) has the unknown value \(value)"
        case .wrongLength(let field, let bytes, let expected): "\(field) has \(bytes) bytes instead of \(expected)"
        case .stringTooLong(let field, let bytes):
            "\(field) has \(bytes) bytes; at most \(WireLimits.stringBytes) are allowed"
        case .tooMany(let field, let count, let limit): "\(field) has \(count) entries; at most \(limit) are allowed"
        case .inconsistent(let field, let reason): "\(field): \(reason)"
        }
    }
}
