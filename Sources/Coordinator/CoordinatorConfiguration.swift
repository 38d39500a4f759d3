import Scheduling
import Transport

/// How a coordinator runs.
public struct CoordinatorConfiguration: Sendable {
    /// Where workers dial.
    public var control: Endpoint
    /// Where clients dial.
    public var clients: Endpoint
    /// Stages of the plan; as many workers are waited for.
    public var workersWanted: Int
    /// Sequences of full length for which the workers shall have cache blocks, where memory allows.
    public var sequences = 16
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
