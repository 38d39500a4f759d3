import Transport

/// How a worker runs.
public struct WorkerConfiguration: Sendable {
    /// Where the coordinator listens for workers.
    public var coordinator: Endpoint
    /// Where this worker listens for activations; port 0: any free one.
    public var bind: Endpoint
    /// Host under which other machines reach this worker; nil: the address at which the coordinator sees it.
    public var advertisedHost: String?
    /// The model's directory.
    public var model: String
    /// The only layers to take, inclusive; nil: any.
    public var pinnedLayers: ClosedRange<Int>?
    public var threads: Int
    /// For people.
    public var name: String
    /// Equal for workers on the same machine.
    public var hostID: String
    public var memoryBytes: Int
    /// Memory for the KV cache; nil: the coordinator decides.
    public var kvMemoryBytes: Int?
    /// Program and version, for people.
    public var software: String
    /// Told how many of how many steps of loading are done, on the stage's thread.
    public var loading: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    /// Told how many of how many digests of what it loaded are known, on the stage's thread.
    public var digesting: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }

    public init(
        coordinator: Endpoint, bind: Endpoint, model: String, threads: Int, name: String, hostID: String,
        memoryBytes: Int, software: String
    ) {
        self.coordinator = coordinator
        self.bind = bind
        self.model = model
        self.threads = threads
        self.name = name
        self.hostID = hostID
        self.memoryBytes = memoryBytes
        self.software = software
    }
}

/// Why a worker ended.
public enum WorkerError: Error, Sendable, CustomStringConvertible {
    case refused(coordinator: Endpoint, reason: String)
    case unknownLayers(ClosedRange<Int>, layerCount: Int)
    case cannotLoad(String)

    public var description: String {
        switch self {
        case .refused(let coordinator, let reason): "the coordinator at \(coordinator) refused this worker: \(reason)"
        case .unknownLayers(let layers, let count):
            "layers \(layers.lowerBound)-\(layers.upperBound) are not in this model: it has layers 0-\(count - 1)"
        case .cannotLoad(let reason): reason
        }
    }
}
