package import CWire
import Messages

/// What can be said on one link of `proto/`: each of its messages is a field of `Message.body`.
package protocol LinkMessage: Sendable, Equatable {
    /// The link's name in errors.
    static var link: String { get }

    /// Puts the body into `message`: the number of its field, and its structure.
    func encode(into message: inout Paceline__Message, in arena: MessageArena)

    /// The body whose field is set; throws ``WireError/missingBody`` for a field this version does not know, and
    /// ``WireError/foreignBody(link:)`` for one of another link.
    init(decoding message: Paceline__Message) throws(WireError)

    /// Throws unless the raw frames behind the header are what the body says.
    func check(tensors: [[UInt8]]) throws(WireError)
}

extension LinkMessage {
    package func check(tensors: [[UInt8]]) throws(WireError) {}
}

/// What the set field points to.
func body<C>(_ message: UnsafeMutablePointer<C>?) throws(WireError) -> C {
    guard let message else { throw .missingBody }
    return message.pointee
}
