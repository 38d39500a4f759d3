import HeapModule
import Scheduling

/// A cluster on a virtual clock: the scheduler of a real coordinator, and simulated machines that take as long for a batch
/// as their description says. A machine computes one batch at a time, in the order of arrival, and a link sends one at a
/// time. Nothing in it is random.
public struct ClusterSimulation {
    /// An event at a time.
    private struct Event: Comparable {
        enum Kind {
            /// A batch arrives at a stage; at the stage after the last, its result arrives at the coordinator.
            case arrival(stage: Int)
            /// A stage has computed it.
            case computed(stage: Int)
        }

        var time: Double
        var number: UInt64
        var kind: Kind
        var batch: ScheduledBatch

        static func < (left: Event, right: Event) -> Bool { (left.time, left.number) < (right.time, right.number) }
        static func == (left: Event, right: Event) -> Bool { left.number == right.number }
    }

    private struct Machine {
        var waiting: ArraySlice<Event> = []
        var isBusy = false
    }

    private let pipelines: [PipelineDescription]
    private let load: SimulatedLoad
    private var scheduler: Scheduler
    private var events = Heap<Event>()
    private var lastEvent: UInt64 = 0
    private var now = 0.0
    private var machines: [Int: Machine] = [:]
    /// For each pipeline and stage, when the link to it has sent everything it was given.
    private var linkFree: [[Double]]
    private var record: SimulationRecord
    private var stageMilliseconds: [UInt64: [Double]] = [:]

    /// - Parameter pipelines: what stages and links take; the scheduler is told the same.
    public init(pipelines: [PipelineDescription], load: SimulatedLoad, limits: SchedulerLimits = .init()) {
        precondition(load.streams > 0 && load.promptTokens > 0 && load.sampledTokens > 0, "nothing to simulate")
        self.pipelines = pipelines
        self.load = load
        var limits = limits
        limits.waitingSequences = max(limits.waitingSequences, load.streams)
        scheduler = Scheduler(context: load.context, limits: limits)
        scheduler.pipelinesReady(pipelines)
        linkFree = pipelines.map { [Double](repeating: 0, count: $0.stages.count + 1) }
        record = SimulationRecord(pipelines: pipelines, streams: load.streams)
    }

    /// Runs the load to its end.
    /// - Throws: ``AdmissionError`` if a stream does not fit into the caches.
    public mutating func run() throws(AdmissionError) -> SimulatedOutcome {
        // Prompts that differ from the first token on: nothing is reused.
        try scheduler.submit(
            (0..<load.streams).map { stream in
                let tokens = (0..<load.promptTokens).map { Int32($0 == 0 ? stream : $0) }
                return SequenceRequest(
                    id: SequenceID(stream), tokens: tokens, purpose: .generate(maximumTokens: load.sampledTokens),
                    client: ClientNumber(stream))
            })
        pump()
        // Each batch has a bounded number of events, and each runs a position at least.
        while let event = events.popMin() {
            now = event.time
            switch event.kind {
            case .arrival(let stage): arrive(event, at: stage)
            case .computed(let stage): finish(event, at: stage)
            }
        }
        precondition(scheduler.isIdle, "streams that never end")
        return record.outcome(end: now)
    }

    private mutating func schedule(_ kind: Event.Kind, _ batch: ScheduledBatch, at time: Double) {
        lastEvent += 1
        events.insert(Event(time: time, number: lastEvent, kind: kind, batch: batch))
    }

    /// Sends batches until the scheduler has no more.
    private mutating func pump() {
        var hasSent = true
        while hasSent {
            hasSent = false
            for pipeline in pipelines.indices {
                guard let batch = scheduler.nextBatch(pipeline: pipeline) else { continue }
                record.sent(batch, now: now)
                travel(batch, to: 0)
                hasSent = true
            }
        }
    }

    private mutating func travel(_ batch: ScheduledBatch, to stage: Int) {
        let stages = pipelines[batch.pipeline].stages
        let isResult = stage == stages.count
        let link = isResult ? pipelines[batch.pipeline].resultLink : stages[stage].link
        let start = max(now, linkFree[batch.pipeline][stage])
        let sent = start + (isResult ? 0 : link.millisecondsPerRow * Double(batch.rows))
        linkFree[batch.pipeline][stage] = sent
        schedule(.arrival(stage: stage), batch, at: sent + link.latencyMilliseconds)
    }

    private mutating func arrive(_ event: Event, at stage: Int) {
        guard stage < pipelines[event.batch.pipeline].stages.count else { return complete(event.batch) }
        let host = pipelines[event.batch.pipeline].stages[stage].host
        machines[host, default: Machine()].waiting.append(event)
        startNext(on: host)
    }

    private mutating func startNext(on host: Int) {
        var machine = machines[host] ?? Machine()
        guard !machine.isBusy, let event = machine.waiting.popFirst(), case .arrival(let stage) = event.kind else {
            return
        }
        machine.isBusy = true
        machines[host] = machine
        let milliseconds = pipelines[event.batch.pipeline].stages[stage].costs.milliseconds(rows: event.batch.rows)
        stageMilliseconds[event.batch.id, default: []].append(milliseconds)
        record.computed(event.batch, stage: stage, start: now, milliseconds: milliseconds)
        schedule(.computed(stage: stage), event.batch, at: now + milliseconds)
    }

    private mutating func finish(_ event: Event, at stage: Int) {
        let host = pipelines[event.batch.pipeline].stages[stage].host
        machines[host, default: Machine()].isBusy = false
        travel(event.batch, to: stage + 1)
        startNext(on: host)
    }

    private mutating func complete(_ batch: ScheduledBatch) {
        let sampled = Dictionary(uniqueKeysWithValues: batch.slices.filter(\.samples).map { ($0.sequence, Int32(0)) })
        let outcome = BatchOutcome(
            batch: batch.id, sampled: sampled, stageMilliseconds: stageMilliseconds.removeValue(forKey: batch.id) ?? [])
        guard let steps = scheduler.complete(outcome, now: now) else {
            preconditionFailure("batch \(batch.id) came back and was not taken")
        }
        record.received(batch, steps, now: now)
        pump()
    }
}
