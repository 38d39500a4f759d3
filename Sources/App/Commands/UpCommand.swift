import ArgumentParser
import Foundation
import Kernels
import Logging
import Supervisor

/// `paceline up`
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Starts a coordinator and workers on this machine; ^C stops all of them.",
        discussion: """
            Example:
              paceline up --workers 3
              paceline generate "Once upon a time"      (in another terminal)
            """)

    @OptionGroup var modelOptions: ModelOptions

    @OptionGroup var typeOptions: TypeOptions

    @Option(name: .long, help: .init("How many workers.", valueName: "count"))
    var workers: Int = 2

    @Option(
        name: .long,
        help: .init("Threads of each worker. (default: this machine's cores, shared among them)", valueName: "count"))
    var threads: Int?

    @OptionGroup var ports: PortOptions

    @OptionGroup var endpoints: EndpointsFileOption

    @OptionGroup var scheduling: SchedulingOptions

    @OptionGroup var cacheMemory: CacheMemoryOption

    @OptionGroup var planOptions: PlanOptions

    @OptionGroup var logging: LoggingOptions

    func validate() throws {
        guard (1...256).contains(workers) else { throw ValidationError("--workers must be between 1 and 256") }
        if let threads { try validateThreads(threads) }
        try cacheMemory.check(workers: workers)
    }

    func run() async throws {
        // Else it would be the workers that end, one after another.
        try Processor.requireSupported()
        try ports.check()
        try endpoints.check()
        var configuration = LocalCluster.Configuration(
            model: try modelOptions.path(), workers: workers,
            threads: threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount / workers))
        configuration.coordinatorOptions =
            modelOptions.arguments + typeOptions.arguments + scheduling.arguments + planOptions.arguments
        configuration.workerOptions = modelOptions.arguments + cacheMemory.arguments
        (configuration.controlPort, configuration.clientPort) = (ports.controlPort, ports.clientPort)
        configuration.logLevel = logging.logLevel.rawValue
        let logger = logging.logLevel.logger("up")
        let cluster = SupervisedCluster(configuration, logger: logger) { [file = endpoints.endpointsFile] endpoints in
            if let file { try endpoints.write(to: file) }
        }
        try await runUntilStopped(cluster, logger: logger, stopWithParent: false, patience: .seconds(15))
    }
}
