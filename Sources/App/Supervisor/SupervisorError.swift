/// What goes wrong with processes on this machine; one line for people.
package enum SupervisorError: Error, Equatable, CustomStringConvertible {
    /// The file that was to say where a coordinator listens cannot be written.
    case endpointsFile(String, reason: String)
    /// The coordinator ended by itself, with this exit code, and has said why.
    case coordinatorEnded(Int32)
    /// A signal ended the coordinator.
    case coordinatorKilled(String)
    /// Workers keep ending; the last one did with this exit code.
    case workersEnded(Int32)

    package var description: String {
        switch self {
        case .endpointsFile(let path, let reason): "--endpoints-file \(path): \(reason)"
        case .coordinatorEnded(let status): "the coordinator ended: exit code \(status)"
        case .coordinatorKilled(let ending): "the coordinator ended: \(ending)"
        case .workersEnded(let status): "the cluster ended: its workers keep ending, the last with exit code \(status)"
        }
    }
}
