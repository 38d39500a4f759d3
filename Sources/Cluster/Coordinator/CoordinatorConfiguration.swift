import Engine
import Planning
import Scheduling
import Transport

/// How a coordinator runs.
public struct CoordinatorConfiguration: Sendable {
    /// Where workers dial.
    public var control: Endpoint
    /// Where clients dial.
    public var clients: Endpoint
    /// As many workers are waited for before the first plan; later ones may be taken in.
    public var workersWanted: Int
    /// What plans are made for.
    public var objective = PlanObjective.throughput
    /// Streams at once that plans are made for.
    public var streams = 64
    /// The most sequences of full length for which a pipeline has cache blocks, where memory allows.
    public var sequences = 256
    public var requests = RequestLimits()
    public var scheduler = SchedulerLimits()
    /// Program and version, for people.
    public var software: String
    /// Clients with requests that are silent for so long are taken for gone.
    public var clientPatience: Duration = .seconds(10)

    public init(control: Endpoint, clients: Endpoint, workersWanted: Int, software: String) {
        self.control = control
        self.clients = clients
        self.workersWanted = workersWanted
        self.software = software
    }
}

/// Where a coordinator listens, with the ports the system chose.
public struct CoordinatorEndpoints: Sendable, Equatable {
    public var control: Endpoint
    public var clients: Endpoint
    public var results: Endpoint
}

extension String {
    /// An endpoint whose host is "*", with the host given instead; anything else as it is.
    func replacingWildcardHost(with host: String?) -> String {
        guard let host, let endpoint = try? Endpoint(self), endpoint.host == "*",
            let concrete = try? Endpoint(host: host, port: endpoint.port)
        else { return self }
        return concrete.description
    }
}
