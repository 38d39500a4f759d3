import Transport

/// Why a cluster cannot be used; one line for people.
public enum ClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nobody ever answered.
    case noCoordinator(Endpoint)
    /// The coordinator was there, and stopped answering.
    case lostCoordinator(Endpoint)
    /// The coordinator sent more than it was given credit for.
    case tooManyReplies(Endpoint)

    public var description: String {
        switch self {
        case .noCoordinator(let endpoint):
            "no coordinator answers at \(endpoint): start one with 'paceline coordinator' or 'paceline up', or name "
                + "another with --coordinator"
        case .lostCoordinator(let endpoint): "the coordinator at \(endpoint) stopped answering"
        case .tooManyReplies(let endpoint): "the coordinator at \(endpoint) sent more than was asked for"
        }
    }
}
