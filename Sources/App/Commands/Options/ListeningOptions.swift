import ArgumentParser
import Console
import Transport

/// Where a coordinator listens.
struct ListeningOptions: ParsableArguments {
    @Option(
        name: .long,
        help: .init("Address to listen on; any but this machine's loopback needs --insecure.", valueName: "host"))
    var bind: String = "127.0.0.1"

    @OptionGroup var ports: PortOptions

    @OptionGroup var trust: TrustOptions

    func validate() throws {
        _ = try control()
        _ = try clients()
    }

    var bindPolicy: BindPolicy { trust.bindPolicy }

    func control() throws -> Endpoint { try listeningEndpoint(bind, port: ports.controlPort) }

    func clients() throws -> Endpoint { try listeningEndpoint(bind, port: ports.clientPort) }

    /// Sees that both ports can be listened on. Throws `TransportError`, which names the one that cannot.
    func check() throws { try ports.check(bind, bindPolicy) }
}

/// The ports of a coordinator.
struct PortOptions: ParsableArguments {
    @Option(name: .long, help: .init("Port for workers; 0: any free one.", valueName: "port"))
    var controlPort: Int = DefaultPort.control

    @Option(name: .long, help: .init("Port for clients; 0: any free one.", valueName: "port"))
    var clientPort: Int = DefaultPort.clients

    func validate() throws {
        try validatePort(controlPort, of: "--control-port")
        try validatePort(clientPort, of: "--client-port")
        if controlPort == clientPort, controlPort != 0 {
            throw ValidationError("--control-port and --client-port are both \(controlPort): give two different ports")
        }
    }

    /// Sees that both can be listened on. Throws `TransportError`, which names the one that cannot.
    func check(_ host: String = "127.0.0.1", _ policy: BindPolicy = .loopbackOnly) throws {
        for port in [controlPort, clientPort] { try policy.check(try listeningEndpoint(host, port: port)) }
    }
}

func validatePort(_ port: Int, of option: String) throws {
    guard (0...65_535).contains(port) else { throw ValidationError("\(option) must be between 0 and 65535") }
}

/// Whether a process may listen beyond this machine.
struct TrustOptions: ParsableArguments {
    @Flag(
        name: .long,
        help: "Listen on addresses others can reach, though there are no keys yet: only in a network you trust.")
    var insecure = false

    var bindPolicy: BindPolicy { insecure ? .anyAddress : .loopbackOnly }
}

/// - Throws: ``UsageError`` that names the address.
func listeningEndpoint(_ host: String, port: Int) throws -> Endpoint {
    do throws(TransportError) {
        return try Endpoint(host: host, port: port)
    } catch {
        throw UsageError("--bind \(host): \(error)")
    }
}
