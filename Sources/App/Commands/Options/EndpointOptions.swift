import ArgumentParser
import Transport

/// The ports of the design.
enum DefaultPort {
    static let control = 5570
    static let clients = 5571
}

/// How a client finds its cluster.
struct ConnectionOptions: ParsableArguments {
    @Option(name: .long, help: "Where the coordinator takes clients.")
    var coordinator: Endpoint = Endpoint(argument: "tcp://127.0.0.1:\(DefaultPort.clients)")!
}

/// How the commands that listen and run on log.
struct LoggingOptions: ParsableArguments {
    @Option(name: .long, help: "Least level of what is logged.")
    var logLevel: LogLevel = .info
}
