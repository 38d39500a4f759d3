import ClusterSupport
import Logging
import ModelFiles
import Synchronization
import Transport
import Worker

/// A worker whose two handlers run on the test's thread.
final class VirtualWorker {
    private let controlSockets: MemorySockets
    private let stageSockets: MemorySockets
    private let control: WorkerHandler
    private let stage: StageHandler
    private let toControl = Mailbox<WorkerHandler.Posted>()
    private let toStage = Mailbox<StageOrder>()

    init(
        _ network: MemoryNetwork, _ clock: VirtualClock, configuration: WorkerConfiguration, model: LocalModel
    ) throws {
        controlSockets = MemorySockets(network)
        stageSockets = MemorySockets(network)
        let state = StageState()
        let logger = Logger.forTests
        stage = try StageHandler(
            environment: HandlerEnvironment(sockets: stageSockets, clock: clock), configuration: configuration,
            model: model, state: state, logger: logger
        ) { [toControl] event, plan in toControl.post(.stage(event, plan)) }
        control = try WorkerHandler(
            environment: HandlerEnvironment(sockets: controlSockets, clock: clock), configuration: configuration,
            model: model, state: state, logger: logger
        ) { [toStage] in toStage.post($0) }
    }

    /// Takes a turn of each loop; returns whether anything happened.
    func turn() -> Bool {
        let events = toControl.take()
        for event in events { control.posted(event) }
        let orders = toStage.take()
        for order in orders { stage.posted(order) }
        let hadControl = controlSockets.handOut(to: control)
        let hadStage = stageSockets.handOut(to: stage)
        return !events.isEmpty || !orders.isEmpty || hadControl || hadStage
    }

    func tick(now: ContinuousClock.Instant) { control.tick(now: now) }
}

/// What one handler posts to another.
private final class Mailbox<Event: Sendable>: Sendable {
    private let events = Mutex<[Event]>([])

    func post(_ event: Event) { events.withLock { $0.append(event) } }

    func take() -> [Event] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}

extension Logger {
    static var forTests: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}
