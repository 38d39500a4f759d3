import ArgumentParser
import Console
import Transport

/// Where a coordinator listens.
struct ListeningOptions: ParsableArguments {
    @Option(name: .long, help: "Address to listen on; any but this machine's loopback needs --insecure.")
    var bind: String = "127.0.0.1"

    @Option(name: .long, help: "Port for workers; 0: any free one.")
    var controlPort: Int = DefaultPort.control

    @Option(name: .long, help: "Port for clients; 0: any free one.")
    var clientPort: Int = DefaultPort.clients

    @OptionGroup var trust: TrustOptions

    var bindPolicy: BindPolicy { trust.bindPolicy }

    func control() throws -> Endpoint { try listeningEndpoint(bind, port: controlPort) }

    func clients() throws -> Endpoint { try listeningEndpoint(bind, port: clientPort) }
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
