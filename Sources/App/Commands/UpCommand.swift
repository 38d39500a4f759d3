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

    @Option(name: .long, help: "How many workers.")
    var workers: Int = 2

    @Option(name: .long, help: "Threads of each worker. (default: this machine's cores, shared among them)")
    var threads: Int?

    @Option(name: .long, help: "Port for workers; 0: any free one.")
    var controlPort: Int = DefaultPort.control

    @Option(name: .long, help: "Port for clients; 0: any free one.")
    var clientPort: Int = DefaultPort.clients

    @Option(name: .long, help: "Write where it listens to this file, as JSON, once it does.")
    var endpointsFile: String?

    @OptionGroup var scheduling: SchedulingOptions

    @OptionGroup var cacheMemory: CacheMemoryOption

    @OptionGroup var planOptions: PlanOptions

    @OptionGroup var logging: LoggingOptions

    func validate() throws {
        guard (1...256).contains(workers) else { throw ValidationError("--workers must be between 1 and 256") }
        if let threads { try validateThreads(threads) }
    }

    func run() async throws {
        // Else it would be the workers that end, one after another.
        try Processor.requireSupported()
        var configuration = LocalCluster.Configuration(
            model: try modelOptions.path(), workers: workers,
            threads: threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount / workers))
        configuration.coordinatorOptions =
            modelOptions.arguments + typeOptions.arguments + scheduling.arguments + planOptions.arguments
        configuration.workerOptions = modelOptions.arguments + cacheMemory.arguments
        (configuration.controlPort, configuration.clientPort) = (controlPort, clientPort)
        configuration.logLevel = logging.logLevel.rawValue
        let logger = logging.logLevel.logger("up")
        let cluster = SupervisedCluster(configuration, logger: logger) { [endpointsFile] endpoints in
            if let endpointsFile { try endpoints.write(to: endpointsFile) }
        }
        try await runUntilStopped(cluster, logger: logger, stopWithParent: false, patience: .seconds(15))
    }
}
