import Engine
import Messages
import Wire

/// The answer to a message that cannot be taken: a worker or a client that dialled the other's port is told which port
/// it wants, and a client whose request breaks a limit of the wire hears that.
enum Misdirected {
    case toWorker(ControlMessage)
    case toClient(ClientReply)

    /// nil where nobody waits for an answer.
    init?(
        _ frames: [[UInt8]], _ error: WireError, on link: CoordinatorLink, of endpoints: CoordinatorEndpoints
    ) {
        switch (link, error) {
        case (.control, .foreignBody):
            guard let requestID = ClientRequest.requestID(inHeader: frames.first ?? []) else { return nil }
            let reason = "this is the coordinator's port for workers; clients dial port \(endpoints.clients.port)"
            self = .toClient(Refusal.badRequest(reason).failure(requestID))
        case (.client, .foreignBody):
            guard let wire = try? WireMessage<ControlMessage>(frames: frames), case .hello = wire.body else {
                return nil
            }
            let reason = "this is the coordinator's port for clients; workers dial port \(endpoints.control.port)"
            self = .toWorker(.refused(reason: reason))
        case (.client, _):
            guard let requestID = ClientRequest.requestID(inHeader: frames.first ?? []) else { return nil }
            self = .toClient(Refusal.badRequest("the request cannot be read: \(error)").failure(requestID))
        default: return nil
        }
    }

    func frames(incarnation: UInt64) -> [[UInt8]] {
        switch self {
        case .toWorker(let body): WireMessage(body, incarnation: incarnation).frames()
        case .toClient(let body): WireMessage(body, incarnation: incarnation).frames()
        }
    }
}
