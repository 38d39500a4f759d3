/// What can go wrong when endpoints are read, sockets made or loops started; each describes itself in one line.
public enum TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `text` is no endpoint; `reason` says why.
    case malformedEndpoint(text: String, reason: String)
    /// A bind beyond loopback under `BindPolicy.loopbackOnly`.
    case notLoopback(Endpoint)
    /// Another socket listens there already.
    case addressInUse(Endpoint)
    /// A bind that failed for another reason.
    case cannotListen(Endpoint, reason: String)
    /// A connect that was refused before any packet was sent; a peer that is not there is no error.
    case cannotConnect(Endpoint, reason: String)
    /// A name that has no address now; `reason` says so.
    case unresolved(Endpoint, reason: String)
    /// The operating system or ZeroMQ refused something that should always work.
    case system(operation: String, reason: String)
    /// `SocketLoop.run` was called a second time.
    case alreadyRun(loop: String)

    public var description: String {
        switch self {
        case .malformedEndpoint(let text, let reason):
            "\(Self.quoted(text)) is no endpoint: \(reason); write it as tcp://host:port"
        case .notLoopback(let endpoint):
            "refusing to listen on \(endpoint): not a loopback address; give --insecure to listen there without keys"
        case .addressInUse(let endpoint):
            "cannot listen on \(endpoint): the address is in use; end what listens there or choose another port"
        case .cannotListen(let endpoint, let reason):
            "cannot listen on \(endpoint): \(reason)"
        case .cannotConnect(let endpoint, let reason):
            "cannot connect to \(endpoint): \(reason)"
        case .unresolved(let endpoint, let reason):
            "coordinator \(endpoint): \(reason)"
        case .system(let operation, let reason):
            "\(operation) failed: \(reason)"
        case .alreadyRun(let loop):
            "the socket loop \(loop) was already run; a loop runs once"
        }
    }

    /// The text in quotes, control characters escaped and cut to a readable length, since it may come from anyone.
    private static func quoted(_ text: String) -> String {
        let longest = 80
        return text.count <= longest ? text.debugDescription : String(text.prefix(longest)).debugDescription + "…"
    }
}
