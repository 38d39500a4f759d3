import Messages
import Wire

/// Why messages are not read, whatever their link.
enum ReadingFailure {
    /// Of frames, read as a message of the link that knows their body.
    static func of(_ frames: [[UInt8]]) -> WireError? {
        for failure in [
            of(frames, as: ControlMessage.self), of(frames, as: DataMessage.self), of(frames, as: ClientRequest.self),
        ] {
            guard case .foreignBody = failure else { return failure }
        }
        return of(frames, as: ClientReply.self)
    }

    static func of<Body: LinkMessage>(_ frames: [[UInt8]], as link: Body.Type) -> WireError? {
        do throws(WireError) {
            _ = try WireMessage<Body>(frames: frames)
            return nil
        } catch {
            return error
        }
    }

    static func of(_ body: ControlMessage) -> WireError? { of(WireMessage(body).frames()) }

    static func of(_ body: DataMessage) -> WireError? { of(WireMessage(body).frames()) }

    static func of(_ body: ClientRequest) -> WireError? { of(WireMessage(body).frames()) }

    static func of(_ body: ClientReply) -> WireError? { of(WireMessage(body).frames()) }
}
