import Logging
import Messages
import ModelFiles
import Transport

/// A worker: a thread that talks with the coordinator, and one that takes batches, computes and sends them on.
public final class Worker: Sendable {
    private let configuration: WorkerConfiguration
    private let model: LocalModel
    private let logger: Logger
    private let control: SocketLoop<WorkerHandler>
    private let stage: SocketLoop<StageHandler>

    public init(configuration: WorkerConfiguration, model: LocalModel, bindPolicy: BindPolicy, logger: Logger) {
        self.configuration = configuration
        self.model = model
        self.logger = logger
        control = SocketLoop(name: "worker", bindPolicy: bindPolicy)
        stage = SocketLoop(name: "stage", bindPolicy: bindPolicy)
    }

    /// Runs until the worker is stopped or has left. The stage's thread then ends after its current batch, and is not
    /// waited for.
    /// - Throws: `TransportError`, ``WorkerError``.
    public func run() async throws {
        try await configuration.coordinator.checkResolves()
        let state = StageState()
        let clock = SystemClock()
        Task { [self] in
            do {
                try await stage.run { [self] sockets in
                    try StageHandler(
                        environment: HandlerEnvironment(sockets: sockets, clock: clock), configuration: configuration,
                        model: model, state: state, logger: logger
                    ) { [control] event, plan in _ = control.post(.stage(event, plan)) }
                }
            } catch {
                _ = control.post(.stage(.ended(error), nil))
            }
        }
        defer {
            state.begin(nil)
            stage.stop()
        }
        try await control.run { [self] sockets in
            try WorkerHandler(
                environment: HandlerEnvironment(sockets: sockets, clock: clock), configuration: configuration,
                model: model, state: state, logger: logger
            ) { [stage] in _ = stage.post($0) }
        }
    }

    /// Asks it to leave when its work is done.
    public func drain() { _ = control.post(.drain) }

    /// Makes it leave at once.
    public func stop() { control.stop() }
}
