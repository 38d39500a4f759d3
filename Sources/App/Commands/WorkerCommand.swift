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

    @Option(
        name: .customLong("coordinator"),
        help: .init(
            """
            Where the coordinator takes workers. (default: port \(DefaultPort.control) of PACELINE_COORDINATOR's host, \
            else tcp://127.0.0.1:\(DefaultPort.control))
            """, valueName: "tcp://host:port"))
    var givenCoordinator: Endpoint?

    @OptionGroup var modelOptions: ModelOptions

    @OptionGroup var verifying: VerifyOption

    @Option(name: .long, help: .init("Take these layers and no others, for example 0-3.", valueName: "first-last"))
    var layers: LayerRange?

    @Option(
        name: .long, help: .init("Threads that compute. (default: the cores this process may use)", valueName: "count"))
    var threads: Int?

    @OptionGroup var cacheMemory: CacheMemoryOption

    @Option(name: .long, help: "Name in logs and status. (default: host name and process id)")
    var name: String?

    @Option(
        name: .long,
        help: .init(
            """
            Workers that name the same machine share its memory and cores, and are planned for as taking turns. Give those \
            on NUMA nodes of their own different names. (default: this machine, found out)
            """, valueName: "name"))
    var machine: String?

    @Option(
        name: .long,
        help: .init(
            "Address to take activations on; any but this machine's loopback needs --insecure.", valueName: "host"))
    var bind: String = "127.0.0.1"

    @Option(name: .long, help: .init("Port to take activations on; 0: any free one.", valueName: "port"))
    var port: Int = 0

    @Option(
        name: .long,
        help: .init(
            "Host under which others reach this worker. (default: as the coordinator sees it)", valueName: "host"))
    var advertise: String?

    @Option(name: .long, help: .init("Seconds that running requests are given to end after ^C.", valueName: "count"))
    var drainSeconds: Int = 30

    @OptionGroup var trust: TrustOptions

    @OptionGroup var logging: LoggingOptions

    @Flag(name: .long, help: .hidden)
    var stopWithParent = false

    func validate() throws {
        if let threads { try validateThreads(threads) }
        try validatePort(port, of: "--port")
        _ = try listeningEndpoint(bind, port: port)
        guard (0...3_600).contains(drainSeconds) else {
            throw ValidationError("--drain-seconds must be between 0 and 3600")
        }
        if let name, !(1...200).contains(name.utf8.count) {
            throw ValidationError("--name must be a name of 1 to 200 bytes")
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
        let coordinator = try coordinator
        let name = name ?? HostFacts.defaultName
        let logger = logging.logLevel.logger(name)
        let bind = try listeningEndpoint(bind, port: port)
        try checkReachable(bind, from: coordinator)
        try trust.bindPolicy.check(bind)
        let model = try modelOptions.open()
        try check(model)
        try verifying.check(model)
        var configuration = WorkerConfiguration(
            coordinator: coordinator, bind: bind, name: name,
            machine: WorkerMachine(
                hostID: machine ?? HostFacts.hostID, memoryBytes: HostFacts.memoryBytes,
                threads: threads ?? ProcessorCount.available()),
            software: Software.name)
        configuration.advertisedHost = advertise
        configuration.endsAtGoodbye = stopWithParent
        configuration.pinnedLayers = layers?.layers
        configuration.kvMemoryBytes = cacheMemory.kvMemory?.bytes
        configuration.loading = ProgressBar("loading layers").follow
        configuration.digesting = ProgressBar("reading the weights' digests").follow
        let worker = Worker(
            configuration: configuration, model: model, bindPolicy: trust.bindPolicy, logger: logger)
        try await runUntilStopped(
            WorkerService(worker: worker), logger: logger, stopWithParent: stopWithParent,
            patience: .seconds(max(1, drainSeconds)))
    }

    private var coordinator: Endpoint {
        get throws {
            if let givenCoordinator { return givenCoordinator }
            let ofClients = try EnvironmentVariable.coordinator(defaultPort: DefaultPort.clients)
            return try Endpoint(host: ofClients?.host ?? "127.0.0.1", port: DefaultPort.control)
        }
    }

    /// A worker that only this machine can reach is of no use to a coordinator on another.
    private func checkReachable(_ bind: Endpoint, from coordinator: Endpoint) throws {
        if bind.isLoopback && !coordinator.isLoopback {
            throw UsageError(
                "the coordinator at \(coordinator) may be on another machine, and this worker listens on "
                    + "\(bind.host) only: give --bind with an address others can reach, and --insecure")
        }
    }

    /// Sees that the model has the layers asked for, and that the cache's memory holds a block of one of them.
    private func check(_ model: LocalModel) throws {
        let configuration = model.configuration
        if let layers = layers?.layers, layers.upperBound >= configuration.layerCount {
            throw UsageError(
                "--layers \(layers.lowerBound)-\(layers.upperBound): the model has layers "
                    + "0-\(configuration.layerCount - 1)")
        }
        let block = configuration.cacheBytesPerBlock(.f16)
        if let kvMemory = cacheMemory.kvMemory, kvMemory.bytes < block * (layers?.layers.count ?? 1) {
            throw UsageError(
                "--kv-memory \(kvMemory.bytes): a block of the KV cache takes \(ByteCountText.text(block)) a layer")
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
