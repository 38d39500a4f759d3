/// What cannot be measured; one line for people.
package enum BenchError: Error, Equatable, CustomStringConvertible {
    /// What is asked for does not fit the model or the cluster.
    case doesNotFit(String)
    /// The cluster does not do what it must.
    case failed(String)

    package var description: String {
        switch self {
        case .doesNotFit(let description), .failed(let description): description
        }
    }
}
