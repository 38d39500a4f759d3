import ArgumentParser
import Messages

/// How much a request counts against its client's share.
struct PriorityOption: ParsableArguments {
    enum Level: String, CaseIterable, ExpressibleByArgument {
        case low, normal, high
    }

    @Option(
        name: .long,
        help:
            """
            Of the work there is for all, high gets four times as much as normal, and normal four times as much as low. \
            (default: normal)
            """
    )
    var priority: Level?

    var wire: RequestPriority {
        switch priority {
        case .low: .low
        case .normal, nil: .normal
        case .high: .high
        }
    }
}
