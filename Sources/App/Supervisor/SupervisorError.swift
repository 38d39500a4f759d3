/// What goes wrong with processes on this machine; one line for people.
package enum SupervisorError: Error, Equatable, CustomStringConvertible {
    /// The file that was to say where a coordinator listens cannot be written.
    case endpointsFile(String)
    /// Why a cluster ended.
    case ended(String)

    package var description: String {
        switch self {
        case .endpointsFile(let path): "--endpoints-file \(path): cannot be written"
        case .ended(let reason): "the cluster ended: \(reason)"
        }
    }
}
