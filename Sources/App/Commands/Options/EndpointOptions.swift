import ArgumentParser
import Transport

/// The ports of the design.
enum DefaultPort {
    static let control = 5570
    static let clients = 5571
}

/// How a client finds its cluster.
struct ConnectionOptions: ParsableArguments {
    @Option(
        name: .customLong("coordinator"),
        help: .init(
            """
            Where the coordinator takes clients. (default: PACELINE_COORDINATOR, else \
            tcp://127.0.0.1:\(DefaultPort.clients))
            """, valueName: "tcp://host:port"))
    var given: Endpoint?

    /// Throws ``UsageError`` where it is PACELINE_COORDINATOR that counts, and that is no address.
    var coordinator: Endpoint {
        get throws {
            if let given { return given }
            return try EnvironmentVariable.coordinator(defaultPort: DefaultPort.clients)
                ?? Endpoint(host: "127.0.0.1", port: DefaultPort.clients)
        }
    }
}

/// How the commands that listen and run on log.
struct LoggingOptions: ParsableArguments {
    @Option(
        name: .customLong("log-level"),
        help: .init("Least level of what is logged. (default: PACELINE_LOG, else info)", valueName: "level"))
    var given: LogLevel?

    func validate() throws { _ = try level() }

    private func level() throws -> LogLevel { try given ?? EnvironmentVariable.logLevel() ?? .info }

    /// An error of the environment shows when options are validated.
    var logLevel: LogLevel { (try? level()) ?? .info }
}
