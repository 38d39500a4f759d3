import ArgumentParser
import Capacity
import Console
import Foundation
import GPT2
import Kernels
import Logging
import ModelFiles
import Observe
import ServiceLifecycle
import Supervisor
import Synchronization
import Transport
import Worker

/// `paceline worker`
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Carries some of a model's layers for a coordinator.",
        discussion: """
            Dials the coordinator, takes the layers it is given, and computes until ^C; then it leaves when running \
            requests have ended. It needs the same model files as the coordinator.

            Example:
              paceline worker --coordinator tcp://127.0.0.1:5570
            """)

    @Option(name: .long, help: "Where the coordinator takes workers.")
    var coordinator: Endpoint = Endpoint(argument: "tcp://127.0.0.1:\(DefaultPort.control)")!

    @OptionGroup var modelOptions: ModelOptions

    @OptionGroup var verifying: VerifyOption

    @Option(name: .long, help: "Take these layers and no others, for example 0-3.")
    var layers: LayerRange?

    @Option(name: .long, help: "Threads that compute. (default: the cores this process may use)")
    var threads: Int?

    @OptionGroup var cacheMemory: CacheMemoryOption

    @Option(name: .long, help: "Name in logs and status. (default: host name and process id)")
    var name: String?

    @Option(
        name: .long,
        help: """
            Workers that name the same machine share its memory and cores, and are planned for as taking turns. Give those \
            on NUMA nodes of their own different names. (default: this machine, found out)
            """)
    var machine: String?

    @Option(name: .long, help: "Address to take activations on; any but this machine's loopback needs --insecure.")
    var bind: String = "127.0.0.1"

    @Option(name: .long, help: "Port to take activations on; 0: any free one.")
    var port: Int = 0

    @Option(name: .long, help: "Host under which others reach this worker. (default: as the coordinator sees it)")
    var advertise: String?

    @Option(name: .long, help: "Seconds that running requests are given to end after ^C.")
    var drainSeconds: Int = 30

    @OptionGroup var trust: TrustOptions

    @OptionGroup var logging: LoggingOptions

    @Flag(name: .long, help: .hidden)
    var stopWithParent = false

    func validate() throws {
        if let threads { try validateThreads(threads) }
        guard (0...3_600).contains(drainSeconds) else {
            throw ValidationError("--drain-seconds must be between 0 and 3600")
        }
        if let machine, !(1...200).contains(machine.utf8.count) {
            throw ValidationError("--machine must be a name of 1 to 200 bytes")
        }
        if let advertise, (try? Endpoint(host: advertise, port: 1)) == nil {
            throw ValidationError("--advertise \(advertise): not a host name or address")
        }
    }

    func run() async throws {
        try Processor.requireSupported()
        let logger = logging.logLevel.logger("worker")
        let model = try modelOptions.open()
        try verifying.check(model)
        var configuration = WorkerConfiguration(
            coordinator: coordinator, bind: try listeningEndpoint(bind, port: port),
            name: name ?? HostFacts.defaultName,
            machine: WorkerMachine(
                hostID: machine ?? HostFacts.hostID, memoryBytes: HostFacts.memoryBytes,
                threads: threads ?? ProcessorCount.available()),
            software: Software.name)
        configuration.advertisedHost = advertise
        configuration.pinnedLayers = layers?.layers
        configuration.kvMemoryBytes = cacheMemory.kvMemory?.bytes
        configuration.loading = ProgressBar("loading layers").follow
        configuration.digesting = ProgressBar("reading the weights' digests").follow
        try checkReachable(configuration)
        let worker = Worker(
            configuration: configuration, model: model, bindPolicy: trust.bindPolicy, logger: logger)
        try await runUntilStopped(
            WorkerService(worker: worker), logger: logger, stopWithParent: stopWithParent,
            patience: .seconds(max(1, drainSeconds)))
    }

    /// A worker that only this machine can reach is of no use to a coordinator on another.
    private func checkReachable(_ configuration: WorkerConfiguration) throws {
        if configuration.bind.isLoopback && !coordinator.isLoopback {
            throw UsageError(
                "the coordinator at \(coordinator) may be on another machine, and this worker listens on "
                    + "\(configuration.bind.host) only: give --bind with an address others can reach, and --insecure")
        }
    }
}

/// Runs the worker until it is told to leave, and has.
struct WorkerService: Service {
    let worker: Worker

    func run() async throws {
        let impatience = Mutex<InterruptWatch?>(nil)
        try await withGracefulShutdownHandler {
            try await worker.run()
        } onGracefulShutdown: {
            worker.drain()
            impatience.withLock { $0 = InterruptWatch { worker.stop() } }
        }
    }
}
