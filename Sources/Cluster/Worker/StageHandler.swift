import DequeModule
import Logging
import Messages
import ModelFiles
import Transport

/// A stage's protocol, on the thread that computes: takes batches from the data link, runs them one after another, and
/// sends what comes of each to the next stage. So no other thread has to wake between a batch's arrival and its first
/// layer, nor between its last layer and its departure.
package final class StageHandler: SocketHandler {
    package typealias Posted = StageOrder

    private let state: StageState
    private let host: ComputeHost
    private let links: StageLinks
    private let observer: BatchObserver
    private let clock: any MonotonicClock
    private let report: @Sendable (StageEvent, PlanID?) -> Void
    // Bounded by the loop's inbox.
    private var orders: Deque<StageOrder> = []

    /// Binds the data socket, and tells where it listens.
    /// - Throws: `TransportError`.
    package init(
        environment: HandlerEnvironment, configuration: WorkerConfiguration, model: LocalModel, state: StageState,
        logger: Logger, report: @escaping @Sendable (StageEvent, PlanID?) -> Void
    ) throws {
        self.state = state
        self.report = report
        clock = environment.clock
        links = try StageLinks(
            environment: environment, bind: configuration.bind, state: state, logger: logger, report: report)
        observer = BatchObserver(links: links, state: state, clock: clock)
        host = ComputeHost(configuration: configuration, model: model, clock: clock, observer: observer)
        report(.listening(links.endpoint), nil)
    }

    package func received(_ message: Message, on socket: SocketID) {
        let now = clock.microseconds
        // A batch, or word that one is about to come: the threads wake while the message is read.
        if links.waitingCount == 0, links.currentPlan != nil { host.wake() }
        links.received(message, now: now)
    }

    package func writable(_ socket: SocketID) { links.writable(socket) }

    package func tick(now: ContinuousClock.Instant) { links.noteRefusedConnections() }

    package func posted(_ event: StageOrder) { orders.append(event) }

    /// Does what the coordinator wants, or runs the batch that has waited longest.
    package func work() -> Bool {
        if let order = orders.popFirst() {
            perform(order)
            return true
        }
        guard let next = links.nextBatch(), let plan = links.currentPlan else { return false }
        run(next, plan)
        return links.waitingCount > 0
    }

    private func perform(_ order: StageOrder) {
        switch order {
        case .load(let assignment, let plan, let successor):
            if state.isCurrent(plan) { load(assignment, plan, successor) }
        case .measure(let plan):
            if state.isCurrent(plan), let event = host.measure() { report(event, plan) }
        case .endPlan: links.close()
        }
    }

    private func load(_ assignment: Assignment, _ plan: PlanID, _ successor: Endpoint) {
        do throws(TransportError) {
            try links.open(plan, successor: successor)
        } catch {
            return report(.failed("\(error)", fatal: false), plan)
        }
        let event = host.load(assignment)
        if case .loaded = event {
            let now = clock.microseconds
            state.note(plan) { $0.statistics.loaded(now: now) }
        }
        report(event, plan)
    }

    private func run(_ next: WaitingBatch, _ plan: PlanID) {
        let id = next.batch.batchID
        observer.begin(id)
        defer { observer.end() }
        let isCancelled = state.takeCancelled(id, of: plan) || next.batch.cancelled
        guard let finished = host.run(next, isCancelled: isCancelled) else {
            return report(.failed("a batch came before its layers were loaded", fatal: false), plan)
        }
        if state.isCurrent(plan) { links.send(finished, of: plan) }
    }
}
