import Transport

/// What a worker has of the machine it runs on.
public struct WorkerMachine: Sendable {
    /// Equal for workers on the same machine.
    public var hostID: String
    public var memoryBytes: Int
    /// Threads that compute.
    public var threads: Int

    public init(hostID: String, memoryBytes: Int, threads: Int) {
        self.hostID = hostID
        self.memoryBytes = memoryBytes
        self.threads = threads
    }
}

/// How a worker runs.
public struct WorkerConfiguration: Sendable {
    /// Where the coordinator listens for workers.
    public var coordinator: Endpoint
    /// Where this worker listens for activations; port 0: any free one.
    public var bind: Endpoint
    /// Host under which other machines reach this worker; nil: the address at which the coordinator sees it.
    public var advertisedHost: String?
    /// The only layers to take, inclusive; nil: any.
    public var pinnedLayers: ClosedRange<Int>?
    /// For people.
    public var name: String
    public var machine: WorkerMachine
    /// Memory for the KV cache; nil: the coordinator decides.
    public var kvMemoryBytes: Int?
    /// Whether it ends where the coordinator says goodbye, and does not wait for it to come back.
    public var endsAtGoodbye = false
    /// Program and version, for people.
    public var software: String
    /// Told how many of how many steps of loading are done, on the stage's thread.
    public var loading: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    /// Told how many of how many digests of what it loaded are known, on the stage's thread.
    public var digesting: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }

    public init(coordinator: Endpoint, bind: Endpoint, name: String, machine: WorkerMachine, software: String) {
        self.coordinator = coordinator
        self.bind = bind
        self.name = name
        self.machine = machine
        self.software = software
    }
}
