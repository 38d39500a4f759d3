import ArgumentParser
import Console
import Coordinator
import Engine
import Foundation
import GPT2
import InProcess
import Logging
import ModelFiles
import ServiceLifecycle
import Supervisor
import Transport

/// `paceline coordinator`
struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Cuts a model over workers and takes requests.",
        discussion: """
            Waits for its workers, gives each some of the model's layers, and then takes requests. It computes nothing \
            itself, but needs the model's files: configuration, vocabulary, and the weights' digests.

            Example:
              paceline coordinator --model models/gpt2-xl --workers 2
            """)

    @OptionGroup var modelOptions: ModelOptions

    @Option(
        name: .long,
        help: .init("Workers to wait for; later ones are taken in where that pays, or stand by.", valueName: "count"))
    var workers: Int = 1

    @OptionGroup var typeOptions: TypeOptions

    @OptionGroup var planOptions: PlanOptions

    @OptionGroup var verifying: VerifyOption

    @OptionGroup var scheduling: SchedulingOptions

    @OptionGroup var listening: ListeningOptions

    @OptionGroup var logging: LoggingOptions

    @OptionGroup var endpoints: EndpointsFileOption

    @Flag(name: .long, help: .hidden)
    var stopWithParent = false

    func validate() throws {
        guard (1...256).contains(workers) else { throw ValidationError("--workers must be between 1 and 256") }
    }

    func run() async throws {
        let logger = logging.logLevel.logger("coordinator")
        try listening.check()
        try endpoints.check()
        let local = try modelOptions.open()
        guard workers <= local.configuration.layerCount else {
            throw UsageError(
                "--workers \(workers): the model has \(local.configuration.layerCount) layers, and every worker needs at "
                    + "least one")
        }
        let types = try typeOptions.types(of: local)
        try verifying.check(local)
        let bar = ProgressBar("reading the weights' digests")
        let model = try ServedModel(local, types: types) { bar.update($0, of: $1) }
        bar.finish()
        var configuration = CoordinatorConfiguration(
            control: try listening.control(), clients: try listening.clients(), workersWanted: workers,
            software: Software.name)
        configuration.scheduler = scheduling.limits
        configuration.objective = planOptions.optimize
        configuration.streams = planOptions.streams
        let typeNames = "weights in \(types.weights.rawValue), keys and values in \(types.cache.rawValue)"
        logger.info("serving '\(model.name)' from \(local.directory), \(typeNames)")
        for notice in model.notices { logger.warning("\(notice)") }
        let service = CoordinatorService(
            configuration: configuration, model: model, logger: logger, bindPolicy: listening.bindPolicy,
            endpointsFile: endpoints.endpointsFile)
        try await runUntilStopped(service, logger: logger, stopWithParent: stopWithParent)
    }
}

/// Runs the coordinator's socket thread until it is told to stop.
struct CoordinatorService: Service {
    let configuration: CoordinatorConfiguration
    let model: ServedModel
    let logger: Logger
    let bindPolicy: BindPolicy
    let endpointsFile: String?

    func run() async throws {
        // Few messages a turn: each may be a text of megabytes to read, and heartbeats have to come through.
        let loop = SocketLoop<CoordinatorHandler>(
            name: "coordinator", bindPolicy: bindPolicy, limits: TransportLimits(messagesPerTurn: 16))
        let tokenizer = DispatchQueue(label: "tokenizer")
        try await withGracefulShutdownHandler {
            try await loop.run { sockets in
                var failure: (any Error)?
                let example = ExampleLine()
                let handler = try CoordinatorHandler(
                    environment: HandlerEnvironment(sockets: sockets, clock: SystemClock()),
                    configuration: configuration, model: model, logger: logger,
                    runText: { [configuration, model] job in
                        tokenizer.async { _ = loop.post(job.run(model, limits: configuration.requests)) }
                    }
                ) { endpoints in
                    logger.info("workers: \(endpoints.control)  clients: \(endpoints.clients)")
                    example.clients = endpoints.clients
                    do {
                        if let endpointsFile {
                            try EndpointsFile(
                                control: endpoints.control.description, clients: endpoints.clients.description
                            ).write(to: endpointsFile)
                        }
                    } catch {
                        failure = error
                    }
                } ready: {
                    logger.notice("\(example.text)")
                }
                if let failure { throw failure }
                return handler
            }
        } onGracefulShutdown: {
            loop.stop()
        }
    }
}

/// What can be typed once a cluster is ready.
private final class ExampleLine {
    var clients: Endpoint?

    /// An address that stands for all of this machine's is dialled at its loopback.
    var text: String {
        guard let clients else { return "ready" }
        let loopback = ["*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"][clients.host]
        let dialled = loopback.flatMap { try? Endpoint(host: $0, port: clients.port) } ?? clients
        return "ready: paceline generate --coordinator \(dialled) \"Once upon a time\""
    }
}
