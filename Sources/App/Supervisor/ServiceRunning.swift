import Foundation
import Logging
import ServiceLifecycle

/// Runs a long-lived service until it ends, or SIGINT, SIGTERM or SIGHUP asks it to.
/// - Parameters:
///   - stopWithParent: also end when the process that started this one does.
///   - patience: how long it may take to end after the signal.
package func runUntilStopped(
    _ service: some Service, logger: Logger, stopWithParent: Bool, patience: Duration = .seconds(10)
) async throws {
    if let limit = DescriptorLimit.raise() { logger.debug("at most \(limit) file descriptors") }
    var quiet = logger
    quiet.logLevel = .error
    var services = [
        ServiceGroupConfiguration.ServiceConfiguration(
            service: service, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .cancelGroup)
    ]
    if stopWithParent {
        services.append(.init(service: ParentWatch(), successTerminationBehavior: .gracefullyShutdownGroup))
    }
    var configuration = ServiceGroupConfiguration(
        services: services, gracefulShutdownSignals: [.sigint, .sigterm], logger: quiet)
    if !HangUp.isIgnored { configuration.gracefulShutdownSignals.append(.sighup) }
    configuration.maximumGracefulShutdownDuration = patience
    try await ServiceGroup(configuration: configuration).run()
}

/// Ends when the parent process is gone, so that children of `paceline up` never outlive it.
private struct ParentWatch: Service {
    func run() async throws {
        let parent = getppid()
        await cancelWhenGracefulShutdown {
            while getppid() == parent, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(500)) }
        }
    }
}
