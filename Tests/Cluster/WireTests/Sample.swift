import Messages
import Wire

/// A message of any link, and what its link makes of frames.
struct Sample: Sendable {
    let frames: [[UInt8]]
    let tensors: [[UInt8]]
    /// Whether frames are read as exactly this message; throws `WireError`.
    let isRead: @Sendable ([[UInt8]]) throws -> Bool
    /// Reads frames as a message of the same link and writes it again; throws `WireError`.
    let rewritten: @Sendable ([[UInt8]]) throws -> [[UInt8]]
    /// The same with so many bytes of memory for protobuf-c.
    let rewrittenWithin: @Sendable ([[UInt8]], Int) throws -> [[UInt8]]

    init<Body>(_ message: WireMessage<Body>) {
        frames = message.frames()
        tensors = message.tensors
        isRead = { try WireMessage<Body>(frames: $0) == message }
        rewritten = { try WireMessage<Body>(frames: $0).frames() }
        rewrittenWithin = { try WireMessage<Body>(frames: $0, memory: $1).frames() }
    }
}
